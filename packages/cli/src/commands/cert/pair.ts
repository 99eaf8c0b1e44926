// A certificate and its private key in two files that are replaced together. First both new files are written
// completely under other names (`.NAME.renewed`). Then the key is renamed, then the certificate. If the
// program is killed in between, certificate and key do not match, but the rest of the new pair is still
// there: the next start finishes the exchange.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { access, constants, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { encodePem, encodeSpki, type ParsedCertificate, readPrivateKey, X509Error } from '@gatehouse/x509';
import { CliError, cannotRead, cannotWrite, exitStatus } from '../../exit-status.ts';
import { readInput } from '../../input/input-file.ts';
import { cannotUse, readCertificates } from '../../input/pki-files.ts';

export interface PairPaths {
  certificate: string;
  key: string;
}

export interface Pair {
  /** The leaf. */
  certificate: ParsedCertificate;
  /** PEM, the leaf first. */
  chain: string;
  key: KeyObject;
}

export interface OpenedPair extends Pair {
  /** Milliseconds since the epoch: when the certificate was written. */
  writtenAt: number;
  /** Whether an interrupted exchange was finished. */
  repaired: boolean;
}

/** The contents of the new files. Without `key` the old key stays. */
export interface Replacement {
  chain: string;
  key?: string;
}

/**
 * The paths of the pair. Follows symbolic links, so that the files are replaced and not the links. Throws
 * `CliError` for a file that does not exist, and for a folder that is not writable.
 */
export async function locatePair(certificate: string, key = defaultKeyPath(certificate)): Promise<PairPaths> {
  return { certificate: await locate(certificate), key: await locate(key) };
}

/** `server.pem` has its key in `server.key`. */
export function defaultKeyPath(certificate: string): string {
  return `${certificate.slice(0, certificate.length - extname(certificate).length)}.key`;
}

/**
 * Finishes an interrupted exchange, then reads the pair. Throws `CliError` if certificate and key do not
 * match.
 */
export async function openPair(paths: PairPaths, passphrase: string | undefined): Promise<OpenedPair> {
  const repaired = await finishExchange(paths, passphrase);
  const pair = await readPair(paths, passphrase);
  if (!fits(pair.certificate, pair.key)) throw mismatch(paths);
  const { mtimeMs: writtenAt } = await stat(paths.certificate);
  return { ...pair, writtenAt, repaired };
}

/**
 * Writes the new pair beside the old one, both files or neither, with the owner and mode of the old files.
 * Throws `CliError`.
 */
export async function stagePair(paths: PairPaths, { chain, key }: Replacement): Promise<void> {
  if (key !== undefined) await stage(paths.key, key);
  await stage(paths.certificate, chain).catch(async (error) => {
    if (key !== undefined) await rm(stagedPath(paths.key), { force: true });
    throw error;
  });
  await syncFolders(paths);
}

/**
 * Replaces the old pair with the new one. If that fails halfway, the next `openPair` finishes it. Throws
 * `CliError`. The certificate comes last, so that a program that watches it finds the new key there.
 */
export async function publishPair(paths: PairPaths): Promise<void> {
  for (const path of [paths.key, paths.certificate]) {
    if (!(await exists(stagedPath(path)))) continue;
    await rename(stagedPath(path), path).catch((error) => {
      throw cannotWrite(path, error);
    });
  }
  await syncFolders(paths);
}

async function locate(path: string): Promise<string> {
  const real = await realpath(path).catch((error) => {
    throw cannotRead(path, error);
  });
  await access(dirname(real), constants.W_OK).catch((error) => {
    throw cannotWrite(real, error);
  });
  return real;
}

async function readPair(paths: PairPaths, passphrase: string | undefined): Promise<Pair> {
  const certificates = await readCertificates(paths.certificate);
  const chain = certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
  return { certificate: certificates[0], chain, key: await readKey(paths.key, passphrase) };
}

async function readKey(path: string, passphrase: string | undefined): Promise<KeyObject> {
  const content = await readInput(path);
  try {
    return readPrivateKey(content, passphrase);
  } catch (error) {
    if (!(error instanceof X509Error) || error.code !== 'passphrase_missing') throw cannotUse(path, error);
    const message = `${path} is encrypted: give --passphrase-file`;
    throw new CliError(exitStatus.failed, message, { cause: error });
  }
}

/** Whether there was an exchange to finish. Removes the files of one that cannot be finished. */
async function finishExchange(paths: PairPaths, passphrase: string | undefined): Promise<boolean> {
  const staged = [stagedPath(paths.certificate), stagedPath(paths.key)] as const;
  const [hasCertificate, hasKey] = await Promise.all(staged.map(exists));
  if (!hasCertificate && !hasKey) return false;
  const present = await readPair(paths, passphrase);
  const next = hasCertificate ? await readStaged(staged[0]) : undefined;
  const nextKey = hasKey && next ? await readKey(staged[1], passphrase) : present.key;
  const isWhole = fits(present.certificate, present.key);
  const isNewer = next && !(isWhole && present.certificate.notBefore > next.notBefore);
  if (next && isNewer && fits(next, nextKey)) {
    await publishPair(paths);
    return true;
  }
  if (!isWhole) throw mismatch(paths);
  await removeStaged(paths);
  return false;
}

/** `undefined` for a file that is incomplete. */
async function readStaged(path: string): Promise<ParsedCertificate | undefined> {
  const found = await readCertificates(path).catch((error) => {
    if (error instanceof CliError) return undefined;
    throw error;
  });
  return found?.[0];
}

async function stage(path: string, content: string): Promise<void> {
  const { mode, uid, gid } = await stat(path);
  await using file = await open(stagedPath(path), 'wx', 0o600).catch((error) => {
    throw error.code === 'EEXIST' ? underWay(path) : cannotWrite(path, error);
  });
  try {
    await file.writeFile(content);
    const own = await file.stat();
    if (own.uid !== uid || own.gid !== gid) await file.chown(uid, gid);
    await file.chmod(mode & 0o777);
    await file.sync();
  } catch (error) {
    await rm(stagedPath(path), { force: true });
    throw cannotWrite(path, error);
  }
}

async function removeStaged({ certificate, key }: PairPaths): Promise<void> {
  for (const path of [certificate, key]) await rm(stagedPath(path), { force: true });
}

/** Hidden, so that a server that reads every `*.pem` of the folder skips it. */
function stagedPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.renewed`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false;
      throw cannotRead(path, error);
    },
  );
}

/** Windows cannot open a folder, and does not need to. */
async function syncFolders(paths: PairPaths): Promise<void> {
  if (process.platform === 'win32') return;
  for (const folder of new Set(Object.values(paths).map((path) => dirname(path)))) {
    await using handle = await open(folder);
    await handle.sync();
  }
}

function fits(certificate: ParsedCertificate, key: KeyObject): boolean {
  return Buffer.compare(certificate.spki, encodeSpki(createPublicKey(key))) === 0;
}

function mismatch({ certificate, key }: PairPaths): CliError {
  const advice = 'name the right file with --key, or get a new pair with: gatehouse cert issue --force';
  return new CliError(exitStatus.failed, `${key} is not the key of ${certificate}: ${advice}`);
}

function underWay(path: string): CliError {
  return new CliError(exitStatus.failed, `another renewal of ${path} is running: try again later`);
}
