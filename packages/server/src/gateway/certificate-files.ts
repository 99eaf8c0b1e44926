// Certificates from files, chosen by the name that a client asks for (RFC 6066 §3). The files are read here,
// in the control plane, and again when they change. Files that do not fit together are refused: at the start
// they stop it, later the certificate in force stays.
import { createPublicKey } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import type { Clock, NamedIdentity } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { encodePem, encodePrivateKey, readCertificates, readPrivateKey } from '@gatehouse/x509';
import type { Job } from '../platform/jobs.ts';
import type { Log } from '../platform/log.ts';
import { readTextFile } from '../platform/text.ts';

/** An entry of `gateway.certificates`. */
export interface CertificateFiles {
  /** PEM, the leaf first, then the intermediates. */
  certificate: string;
  key: string;
  passphraseFile?: string | undefined;
}

export interface WatchedCertificates {
  /** Those in force, each under the name of its setting. */
  entries(): readonly [key: string, identity: NamedIdentity][];
  /** Looks for files that changed. */
  watch: Job;
}

export interface WatchDeps {
  clock: Clock;
  log: Pick<Log, 'info' | 'warn' | 'error'>;
  /** Resolves when every worker presents the new certificate. */
  present(key: string, identity: NamedIdentity): Promise<void>;
}

interface Watched {
  key: string;
  files: CertificateFiles;
  identity: NamedIdentity;
  /** Of the files that were read last, in force or refused. */
  read: string;
  /** Of the files a moment ago: a program that is still writing them changes it. */
  seen: string;
}

const INTERVAL_SECONDS = 1;

/** Reads all files. Throws `config_invalid`, naming the setting and the file. */
export function watchCertificates(
  deps: WatchDeps,
  settings: readonly CertificateFiles[],
): WatchedCertificates {
  const watched = settings.map((files, index): Watched => {
    const key = `gateway.certificates.${index}`;
    const stamp = stampOf(files);
    return { key, files, identity: readAtStart(key, files, deps), read: stamp, seen: stamp };
  });

  async function check(its: Watched): Promise<void> {
    const stamp = stampOf(its.files);
    const isSettled = stamp === its.seen;
    its.seen = stamp;
    if (!isSettled || stamp === its.read) return;
    its.read = stamp;
    const { certificate } = its.files;
    try {
      its.identity = readIdentity(its.files, deps);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      deps.log.error({ certificate, reason }, 'the changed certificate is not used: the old one stays');
      return;
    }
    await deps.present(its.key, its.identity);
    deps.log.info({ certificate, names: its.identity.names }, 'the changed certificate is in force');
  }

  return {
    entries: () => watched.map(({ key, identity }) => [key, identity]),
    watch: {
      name: 'read changed certificates of gateway.certificates',
      intervalSeconds: INTERVAL_SECONDS,
      async run() {
        for (const its of watched) await check(its);
      },
    },
  };
}

/** Changes when one of the files is written, replaced or removed. */
function stampOf({ certificate, key, passphraseFile }: CertificateFiles): string {
  const paths = [certificate, key, ...(passphraseFile === undefined ? [] : [passphraseFile])];
  return paths
    .map((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      return stat ? [stat.dev, stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join(':') : 'missing';
    })
    .join(' ');
}

function readAtStart(key: string, files: CertificateFiles, deps: WatchDeps): NamedIdentity {
  try {
    return readIdentity(files, deps);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/\.$/, '') : String(error);
    throw new GatehouseError('config_invalid', `Setting ${key} is not valid: ${reason}.`, { cause: error });
  }
}

const SOON_MS = 7 * 86_400_000;
const SHORTEST_RSA_BITS = 2048;

/** Throws an `Error` that names the file and the reason. */
function readIdentity(files: CertificateFiles, { clock, log }: WatchDeps): NamedIdentity {
  const { certificate, key } = files;
  const chain = reading(certificate, () => readCertificates(readFileSync(certificate)));
  const privateKey = reading(key, () => readPrivateKey(readFileSync(key), passphraseOf(files)));
  const publicKey = createPublicKey(privateKey);
  const [leaf] = chain;
  const spki = publicKey.export({ type: 'spki', format: 'der' });
  if (!leaf || Buffer.compare(leaf.spki, spki) !== 0) {
    throw new Error(`the first certificate in ${certificate} does not belong to the key in ${key}`);
  }
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? SHORTEST_RSA_BITS;
  if (bits < SHORTEST_RSA_BITS) throw new Error(`the RSA key in ${key} has ${bits} bits: use 2048 or more`);
  requireValidity(certificate, leaf, clock.now());
  const names = leaf.subjectAltNames.flatMap((name) =>
    name.type === 'dNSName' ? [name.value.toLowerCase()] : [],
  );
  if (names.length === 0)
    throw new Error(`${certificate} names no host (subjectAltName), so no client gets it`);
  if (leaf.notAfter.getTime() - clock.now() < SOON_MS) {
    log.warn({ certificate, notAfter: leaf.notAfter }, 'a certificate of gateway.certificates ends soon');
  }
  const certificateChain = chain.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
  return { names, privateKey: encodePrivateKey(privateKey), certificateChain };
}

function requireValidity(file: string, leaf: { notBefore: Date; notAfter: Date }, now: number): void {
  if (now > leaf.notAfter.getTime()) {
    throw new Error(`the certificate in ${file} ended at ${leaf.notAfter.toISOString()}: renew it`);
  }
  if (now < leaf.notBefore.getTime()) {
    throw new Error(`the certificate in ${file} begins only at ${leaf.notBefore.toISOString()}`);
  }
}

function passphraseOf({ passphraseFile }: CertificateFiles): (() => string) | undefined {
  if (passphraseFile === undefined) return undefined;
  return () =>
    reading(passphraseFile, () => readTextFile(passphraseFile, 'config_invalid').replace(/\r?\n$/, ''));
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (message.startsWith(path)) throw error;
    const reasons: Record<string, string> = {
      ENOENT: 'there is no such file',
      EACCES: 'this user may not read it',
      EISDIR: 'it is a folder',
    };
    throw new Error(`${path} cannot be used: ${reasons[code ?? ''] ?? message}`, { cause: error });
  }
}
