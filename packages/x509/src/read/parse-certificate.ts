// Certificates read into a typed view (RFC 5280 §4.1), from DER or PEM. Signatures and dates are not judged here.
// Refuses what is not DER, unknown versions, extensions below version 3, and two different signature algorithms (§4.1.1.2).
import { readAlgorithm } from '../algorithm.ts';
import { type DerReader, readDer } from '../der/read.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC } from '../der/tags.ts';
import { DerError, X509Error } from '../errors.ts';
import { readSerialNumber } from '../issue/serial-number.ts';
import { readKeyBits } from '../keys/spki.ts';
import { type DistinguishedName, readName } from '../names/name.ts';
import { readSigned, requireSameAlgorithm } from '../signed.ts';
import type { SignedOctets } from '../verify/verify-signature.ts';
import { NO_EXTENSIONS, type ParsedExtensions, readExtensions } from './parse-extensions.ts';
import { CERTIFICATE_LABELS, derBlocks, derOf } from './pem-or-der.ts';

/** A certificate's contents. Octets are views into one private copy of the input. */
export interface ParsedCertificate extends ParsedExtensions, SignedOctets {
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
  const der = derOf(pemOrDer, CERTIFICATE_LABELS);
  return { der, ...readDer(der, readContents) };
}

/**
 * Reads a bundle: one certificate in DER, or any number but none in PEM, up to 10 MiB.
 * @throws DerError; X509Error `pem_invalid` or `pem_too_large`
 */
export function readCertificates(pemOrDer: string | Uint8Array): ParsedCertificate[] {
  const ders = derBlocks(pemOrDer, CERTIFICATE_LABELS, { maxBytes: BUNDLE_MAX_BYTES });
  if (ders.length === 0) throw new X509Error('pem_invalid', 'no PEM block; expected CERTIFICATE');
  return ders.map((der) => ({ der, ...readDer(der, readContents) }));
}

type Tbs = Omit<ParsedCertificate, 'der' | keyof SignedOctets> & { readonly algorithm: Uint8Array };

const BUNDLE_MAX_BYTES = 10 * 1024 * 1024;

const VERSION = { v1: 0, v2: 1, v3: 2 } as const;
const VERSION_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 0;
const UNIQUE_ID_TAGS: readonly number[] = [CONTEXT_SPECIFIC | 1, CONTEXT_SPECIFIC | 2];
const EXTENSIONS_NUMBER = 3;

function readContents(reader: DerReader): Omit<ParsedCertificate, 'der'> {
  const { algorithm, ...contents } = readSigned(reader, readTbs);
  requireSameAlgorithm(algorithm, contents);
  return contents;
}

function readTbs(certificate: DerReader): Tbs {
  return certificate.sequence((tbs) => {
    const version = readVersion(tbs);
    const serialNumber = readSerialNumber(tbs);
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
