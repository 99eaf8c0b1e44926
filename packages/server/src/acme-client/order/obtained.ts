// Checks the certificate from a directory before it replaces another: it must have our key and our names, be
// valid now, and be usable for TLS.
import type { KeyObject } from 'node:crypto';
import { createPublicKey } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { ParsedCertificate } from '@gatehouse/x509';
import { encodePem, encodePrivateKey, encodeSpki, readCertificates } from '@gatehouse/x509';
import { OrderFailure } from '../failure.ts';

export interface Obtained {
  /** PEM. */
  privateKey: string;
  /** PEM, the leaf first. */
  certificateChain: string;
  leaf: ParsedCertificate;
}

const LONGEST_CHAIN = 10;
// RFC 5280 §4.2.1.12: the certificate must have one of these, or no such extension.
const SERVER_PURPOSES: readonly string[] = ['serverAuth', 'anyExtendedKeyUsage'];
// If the certificate begins a little later than our clock says, clients with a correct clock accept it.
const SLOW_CLOCK_MS = 3_600_000;

/** Throws `OrderFailure`. */
export function checkObtained(
  pem: string,
  { key, names, now }: { key: KeyObject; names: readonly string[]; now: number },
): Obtained {
  const chain = readChain(pem);
  const [leaf] = chain;
  if (!leaf || chain.length > LONGEST_CHAIN) throw unusable(`it has ${chain.length} certificates`);
  if (Buffer.compare(leaf.spki, encodeSpki(createPublicKey(key))) !== 0)
    throw unusable('it is not for our key');
  const missing = names.find((name) => !namesOf(leaf).includes(name));
  if (missing !== undefined) throw unusable(`it is not for ${missing}`);
  requireNow(leaf, now);
  const purposes = leaf.extendedKeyUsage ?? SERVER_PURPOSES;
  if (!SERVER_PURPOSES.some((purpose) => purposes.includes(purpose)))
    throw unusable(`it is not for servers, only for ${purposes.join(', ')}`);
  const certificateChain = chain.map(({ der }) => encodePem('CERTIFICATE', der)).join('');
  const privateKey = encodePrivateKey(key);
  tryOut({ key: privateKey, cert: certificateChain });
  return { privateKey, certificateChain, leaf };
}

/** The DNS names of a certificate, in lower case. */
export function namesOf({ subjectAltNames }: Pick<ParsedCertificate, 'subjectAltNames'>): string[] {
  return subjectAltNames.flatMap((name) => (name.type === 'dNSName' ? [name.value.toLowerCase()] : []));
}

function requireNow({ notBefore, notAfter }: ParsedCertificate, now: number): void {
  const question = 'Is the clock of this machine right?';
  if (notAfter.getTime() <= now) throw unusable(`it ended at ${notAfter.toISOString()}`, question);
  if (notBefore.getTime() > now + SLOW_CLOCK_MS)
    throw unusable(`it is valid only from ${notBefore.toISOString()}`, question);
}

function readChain(pem: string): ParsedCertificate[] {
  try {
    return readCertificates(pem);
  } catch (error) {
    throw unusable(error instanceof Error ? error.message : String(error));
  }
}

function tryOut(identity: { key: string; cert: string }): void {
  try {
    createSecureContext(identity);
  } catch (error) {
    throw unusable(`TLS refuses it: ${(error as Error).message}`);
  }
}

function unusable(reason: string, question = ''): OrderFailure {
  const end = question === '' ? '' : ` ${question}`;
  return new OrderFailure(`The certificate of the directory cannot be used: ${reason}.${end}`);
}
