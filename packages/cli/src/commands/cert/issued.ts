// Checks that a certificate from the server is for the command's key, and describes it.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { encodeSpki, readCertificate, X509Error } from '@gatehouse/x509';
import type { Certificate, CertificateFacts } from '../../connection/admin-api.ts';
import { CliError, exitStatus } from '../../exit-status.ts';
import { cell } from '../../output/print.ts';
import { shortTime } from '../../output/times.ts';

/** Refuses an answer without a certificate for this key: the two files would not work together. */
export function requireCertificateFor(key: KeyObject, { certificate, serial }: Certificate): void {
  if (isFor(key, certificate)) return;
  const message = `the server answered with a certificate (${cell(serial)}) for another key: nothing was written`;
  throw new CliError(exitStatus.failed, message);
}

/** Without the PEM texts, which are in files. */
export function factsOf({ certificate: _, chain: __, ...facts }: Certificate): CertificateFacts {
  return facts;
}

/** `1f… for example.com, until 2030-…`. */
export function describe({ serial, names, notAfter }: CertificateFacts): string {
  return `${cell(serial)} for ${cell(names)}, valid until ${cell(shortTime(notAfter))}`;
}

function isFor(key: KeyObject, pem: string): boolean {
  try {
    return Buffer.compare(readCertificate(pem).spki, encodeSpki(createPublicKey(key))) === 0;
  } catch (error) {
    if (error instanceof X509Error) return false;
    throw error;
  }
}
