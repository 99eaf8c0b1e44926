// Certificates read into a typed view (RFC 5280 §4.1), from DER or PEM. Signatures and dates are not judged here.
// Refuses what is not DER, unknown versions, extensions below version 3, and two different signature algorithms (§4.1.1.2).
import { readAlgorithm } from './algorithm.ts';
import { type DerReader, readDer } from './der/read.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC, TAG } from './der/tags.ts';
import { DerError } from './errors.ts';
import { type DistinguishedName, readName } from './name.ts';
import { NO_EXTENSIONS, type ParsedExtensions, readExtensions } from './parse-extensions.ts';
import { decodePemBlock } from './pem.ts';
import { readKeyBits } from './spki.ts';

/** A certificate's contents. Octets are views into one private copy of the input. */
export interface ParsedCertificate extends ParsedExtensions {
  readonly der: Uint8Array;
  /** Lower-case hex in whole octets; others' certificates may have `-` before it (RFC 5280 §4.1.2.2). */
  readonly serialNumber: string;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: Date;
  /** The last second that counts. */
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array;
}

/**
 * Reads one certificate: DER octets, or PEM as text or octets.
 * @throws DerError; X509Error `pem_invalid` or `pem_too_large` for PEM that does not hold exactly one certificate
 */
export function readCertificate(pemOrDer: string | Uint8Array): ParsedCertificate {
  const der = toDer(pemOrDer);
  return { der, ...readDer(der, readSigned) };
}

type Contents = Omit<ParsedCertificate, 'der'>;

const VERSION = { v1: 0, v2: 1, v3: 2 } as const;
const VERSION_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 0;
const UNIQUE_ID_TAGS: readonly number[] = [CONTEXT_SPECIFIC | 1, CONTEXT_SPECIFIC | 2];
const EXTENSIONS_NUMBER = 3;

/** A first octet of 0x30 means DER; PEM text that begins with the digit 0 must be handed over as a string. */
function toDer(pemOrDer: string | Uint8Array): Uint8Array {
  if (typeof pemOrDer === 'string') return decodePemBlock(pemOrDer, 'CERTIFICATE');
  const copy = Buffer.from(pemOrDer);
  return copy[0] === TAG.sequence ? copy : decodePemBlock(copy.toString('latin1'), 'CERTIFICATE');
}

function readSigned(reader: DerReader): Contents {
  return reader.sequence((certificate) => {
    const { algorithm, ...contents } = readTbs(certificate);
    const { offset } = certificate;
    if (Buffer.compare(algorithm, readAlgorithm(certificate)) !== 0) {
      throw new DerError('signature algorithms differ (RFC 5280 §4.1.1.2)', offset);
    }
    certificate.bitStringOctets();
    return contents;
  });
}

function readTbs(certificate: DerReader): Contents & { algorithm: Uint8Array } {
  return certificate.sequence((tbs) => {
    const version = readVersion(tbs);
    const serialNumber = signedHex(tbs.integer());
    const algorithm = readAlgorithm(tbs);
    const issuer = readName(tbs);
    const [notBefore, notAfter] = tbs.sequence((validity) => [validity.time(), validity.time()] as const);
    const subject = readName(tbs);
    const spki = tbs.capture(readKeyBits).bytes;
    const extensions = readTail(tbs, version);
    return { serialNumber, algorithm, issuer, notBefore, notAfter, subject, spki, ...extensions };
  });
}

function readVersion(tbs: DerReader): number {
  if (tbs.nextTag !== VERSION_TAG) return VERSION.v1;
  const { offset } = tbs;
  const version = tbs.context(0, (field) => field.smallInteger(VERSION.v3));
  if (version === VERSION.v1) throw new DerError('default version is spelled out (X.690 §11.5)', offset);
  return version;
}

/** Unique identifiers, which nobody uses, belong to versions 2 and 3; extensions to version 3 (RFC 5280 §4.1.2.8–§4.1.2.9). */
function readTail(tbs: DerReader, version: number): ParsedExtensions {
  for (const tag of UNIQUE_ID_TAGS) {
    if (version > VERSION.v1 && tbs.nextTag === tag) tbs.element();
  }
  return version === VERSION.v3 && !tbs.atEnd
    ? tbs.context(EXTENSIONS_NUMBER, readExtensions)
    : NO_EXTENSIONS;
}

function signedHex(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString(16);
  return `${value < 0n ? '-' : ''}${digits.length % 2 === 0 ? '' : '0'}${digits}`;
}
