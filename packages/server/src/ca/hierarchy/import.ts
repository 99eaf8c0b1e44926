// What a root that is kept elsewhere sends back: the certificate of the requested intermediate, and the root itself.
// Refuses another key's certificate, one that is no authority, and a chain that does not verify (RFC 5280 §6).
import { randomBytes } from 'node:crypto';
import type { ParsedCertificate, Signer } from '@gatehouse/x509';
import {
  createIssuer,
  encodePem,
  parseSubjectName,
  readCertificates,
  serverProfile,
  verifyCertificate,
  X509Error,
} from '@gatehouse/x509';
import { GatehouseError } from '../../platform/errors.ts';

/** PEM texts. */
export interface ImportedFiles {
  intermediate: string;
  roots: string;
}

/** For whom: the key that was requested for, and the names of our own listeners. */
export interface Importing {
  signer: Signer;
  /** Milliseconds since the epoch. */
  now: number;
  names: readonly string[];
}

export interface ImportedAuthority extends ParsedCertificate {
  pem: string;
}

const MIN_REMAINING_MS = 60_000;

/** Throws `unprocessable` with what is wrong and what to do. */
export function checkImport(
  files: ImportedFiles,
  importing: Importing,
): { intermediate: ImportedAuthority; root: ImportedAuthority } {
  try {
    const [intermediate, ...others] = readCertificates(files.intermediate);
    if (!intermediate || others.length > 0) {
      throw unusable('the file of the intermediate must hold one certificate');
    }
    requireUsable(intermediate, importing);
    const { chain } = verifyCertificate({
      certificate: intermediate.der,
      roots: files.roots,
      at: new Date(importing.now),
    });
    const [, root, ...above] = chain;
    if (!root || above.length > 0) throw unusable('the intermediate must be signed by the root itself');
    requireRoomForUs(intermediate, root, importing);
    return { intermediate: withPem(intermediate), root: withPem(root) };
  } catch (error) {
    if (error instanceof X509Error) throw unusable(error.message, error);
    throw error;
  }
}

function requireUsable(intermediate: ParsedCertificate, { signer, now }: Importing): void {
  if (Buffer.compare(intermediate.spki, signer.publicKey) !== 0) {
    throw unusable("it is for another key: sign the request that 'gatehouse ca request' gives now");
  }
  if (intermediate.keyUsage?.includes('cRLSign') === false) {
    throw unusable('it may not sign revocation lists (cRLSign): sign it with the profile of an intermediate');
  }
  if (intermediate.notAfter.getTime() < now + MIN_REMAINING_MS) throw unusable('it has expired');
  createIssuer({ certificate: intermediate.der, signer, randomBytes });
}

/** Our own listeners must find a place below it: name constraints bind them as well (RFC 5280 §4.2.1.10). */
function requireRoomForUs(
  intermediate: ParsedCertificate,
  root: ParsedCertificate,
  { signer, now, names }: Importing,
): void {
  createIssuer({ certificate: intermediate.der, chain: root.der, signer, randomBytes }).issue({
    profile: serverProfile(),
    subject: {},
    subjectAltNames: names.map(parseSubjectName),
    publicKey: signer.publicKey,
    notBefore: new Date(now),
    notAfter: new Date(now + MIN_REMAINING_MS / 2),
  });
}

function withPem(certificate: ParsedCertificate): ImportedAuthority {
  return { ...certificate, pem: encodePem('CERTIFICATE', certificate.der) };
}

function unusable(reason: string, cause?: unknown): GatehouseError {
  return new GatehouseError('unprocessable', `The intermediate cannot be imported: ${reason}.`, { cause });
}
