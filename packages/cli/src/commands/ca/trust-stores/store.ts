// The common interface of all stores of trusted roots: checks for our root, adds it, and removes only it. A
// label that ends in the root's fingerprint identifies it, so other certificates are never changed.

import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { encodePem, type ParsedCertificate } from '@gatehouse/x509';

export interface Root {
  /** A file with only this root in PEM, for programs that need one. */
  path?: string;
  pem: string;
  subject: string;
  /** `gatehouse-` and 16 hex digits of the SHA-256 of the certificate. */
  label: string;
  /** Of the certificate, upper-case hex: the name that Windows and macOS use. */
  sha1: string;
  /** The same with SHA-256. */
  sha256: string;
}

export interface TrustStore {
  kind: 'system' | 'nss';
  name: string;
  holds(root: Root): Promise<boolean>;
  /** Throws `NotPermitted`, or another error whose message says why. */
  add(root: Root): Promise<void>;
  /** The same. */
  remove(root: Root): Promise<void>;
  /**
   * The command that does it by hand, with sudo if needed; `undefined` if no file has only this root.
   */
  command(root: Root, undo: boolean): string | undefined;
}

/** A store that does not exist, or that cannot be used here. */
export interface Unusable {
  kind: TrustStore['kind'];
  name: string;
  reason: string;
}

/** Only the superuser may change it. */
export class NotPermitted extends Error {
  readonly code = 'not_permitted';
}

export interface RunResult {
  status: number | null;
  stdout: string;
  /** Why it failed: the last line of standard error, otherwise of standard output. */
  reason: string;
}

/** Runs a program to its end, without a shell; `input` is its standard input, none by default. */
export type Run = (argv: readonly string[], input?: string) => RunResult;

export interface Surroundings {
  platform: NodeJS.Platform;
  environment: NodeJS.ProcessEnv;
  home: string;
  run: Run;
}

export function rootOf(certificate: ParsedCertificate): Root {
  const sha256 = hash('sha256', certificate.der, 'hex').toUpperCase();
  return {
    pem: encodePem('CERTIFICATE', certificate.der),
    subject: certificate.subject.text,
    label: `gatehouse-${sha256.slice(0, 16).toLowerCase()}`,
    sha1: hash('sha1', certificate.der, 'hex').toUpperCase(),
    sha256,
  };
}

export function createRun(environment: NodeJS.ProcessEnv): Run {
  const path = [environment.PATH, ...ADMINISTRATORS_FOLDERS].join(':');
  const env = process.platform === 'win32' ? environment : { ...environment, PATH: path };
  return ([program = '', ...args], input) => {
    const { status, stdout, stderr, error } = spawnSync(program, args, {
      env,
      encoding: 'utf8',
      input: input ?? '',
      timeout: TIMEOUT_MS,
    });
    const said = (stderr || stdout || '').trim().split('\n').at(-1);
    return { status, stdout: stdout ?? '', reason: error?.message ?? (said || `it ended with ${status}`) };
  };
}

/** Throws with the program's own message if it fails. */
export function runWell(run: Run, argv: readonly string[], input?: string): string {
  const { status, stdout, reason } = run(argv, input);
  if (status !== 0) throw new TrustStoreError(`${argv[0]}: ${reason}`);
  return stdout;
}

/** A store refused; the message gives the reason. */
export class TrustStoreError extends Error {
  readonly code = 'trust_store_failed';
}

/** Throws if no file has only this root, because these programs need such a file. */
export function requirePath({ path }: Root): string {
  if (path !== undefined) return path;
  throw new TrustStoreError('it needs a PEM file with only this certificate: name one');
}

/** A command line that a person can paste. */
export function shellLine(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}

/** These folders are not in every user's PATH. */
const ADMINISTRATORS_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];
const TIMEOUT_MS = 120_000;
