// Reads the files of a certificate and its key. Refuses files that do not fit together. Each error names the
// file and the reason.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { ParsedCertificate } from '@gatehouse/x509';
import { encodePem, encodePrivateKey, readCertificates, readPrivateKey } from '@gatehouse/x509';
import { readingProblem } from '../../platform/problems/file-problem.ts';
import { readTextFile } from '../../platform/text.ts';

/** A certificate and its key, in files. */
export interface KeyFiles {
  /** PEM, the leaf first, then the intermediates. */
  certificate: string;
  key: string;
  passphraseFile?: string | undefined;
}

export interface ReadKeyFiles {
  leaf: ParsedCertificate;
  /** PEM. */
  privateKey: string;
  /** PEM. */
  certificateChain: string;
}

// OpenSSL refuses shorter ones.
const SHORTEST_RSA_BITS = 2048;

/** Throws an `Error` that names the file and the reason. */
export function readKeyFiles(files: KeyFiles): ReadKeyFiles {
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
  const read = { leaf, privateKey: encodePrivateKey(privateKey), certificateChain: pemOf(chain) };
  requireUsable(certificate, read);
  return read;
}

/**
 * Tries the files here, so that no worker gets a certificate that its TLS would refuse, such as an
 * intermediate with a short key.
 */
function requireUsable(file: string, { privateKey, certificateChain }: ReadKeyFiles): void {
  try {
    createSecureContext({ key: privateKey, cert: certificateChain });
  } catch (error) {
    throw new Error(`${file} cannot be used for TLS: ${(error as Error).message}`, { cause: error });
  }
}

/** The certificates of a file, as PEM. Throws an `Error` that names the file and the reason. */
export function readRoots(path: string): string {
  return pemOf(reading(path, () => readCertificates(readFileSync(path))));
}

/** Throws an `Error` if a certificate is not valid at `now`. */
export function requireValidity(
  file: string,
  { notBefore, notAfter }: Pick<ParsedCertificate, 'notBefore' | 'notAfter'>,
  now: number,
): void {
  if (now > notAfter.getTime()) {
    throw new Error(`the certificate in ${file} ended at ${notAfter.toISOString()}: renew it`);
  }
  if (now < notBefore.getTime()) {
    throw new Error(`the certificate in ${file} is valid only from ${notBefore.toISOString()}`);
  }
}

function pemOf(certificates: readonly ParsedCertificate[]): string {
  return certificates.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
}

function passphraseOf({ passphraseFile }: KeyFiles): (() => string) | undefined {
  if (passphraseFile === undefined) return undefined;
  return () =>
    reading(passphraseFile, () => readTextFile(passphraseFile, 'config_invalid').replace(/\r?\n$/, ''));
}

function reading<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { message } = error as Error;
    if (message.startsWith(path)) throw error;
    throw new Error(`${path} cannot be used: ${readingProblem(error) ?? message}`, { cause: error });
  }
}
