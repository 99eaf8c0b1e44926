// Reads certificates (RFC 5280 §4.1) from DER or PEM. `verify/` checks signatures and dates. Refuses input
// that is not DER, unknown versions, extensions below version 3, and two different signature algorithms
// (§4.1.1.2).
import { readAlgorithm } from '../algorithm.ts';
import { type DerReader, readDer } from '../der/read.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC } from '../der/tags.ts';
import { DerError, X509Error } from '../errors.ts';
import { readKeyBits } from '../keys/spki.ts';
import { type DistinguishedName, readName } from '../names/name.ts';
import { readSerialNumber } from '../serial-number.ts';
import { readSigned, requireSameAlgorithm } from '../signed.ts';
import type { SignedOctets } from '../verify/verify-signature.ts';
import { NO_EXTENSIONS, type ParsedExtensions, readExtensions } from './parse-extensions.ts';
import { CERTIFICATE_LABELS, derBlocks, derOf } from './pem-or-der.ts';

/** The contents of a certificate. Octets are views of one private copy of the input. */
export interface ParsedCertificate extends ParsedExtensions, SignedOctets {
  readonly der: Uint8Array;
  /**
   * Lower-case hex in whole octets. Certificates from elsewhere may have `-` before it (RFC 5280 §4.1.2.2).
   */
  readonly serialNumber: string;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: Date;
  /** The last second in which the certificate is valid. */
  readonly notAfter: Date;
  /** SubjectPublicKeyInfo in DER. */
  readonly spki: Uint8Array;
}

/**
 * Reads one certificate: DER octets, or PEM as text or octets. Keys beside it in the PEM are skipped.
 * @throws DerError, X509Error `pem_invalid` or `pem_too_large` for PEM that does not contain exactly one
 * certificate
 * @example
 * const { subject, notAfter } = readCertificate(readFileSync('server.pem'));
 */
export function readCertificate(pemOrDer: string | Uint8Array): ParsedCertificate {
  const der = derOf(pemOrDer, CERTIFICATE_LABELS);
  return { der, ...readDer(der, readContents) };
}

/**
 * Reads a bundle of at most 10 MiB: one certificate in DER, or one or more in PEM. Keys beside them in the
 * PEM are skipped.
 * @throws DerError, X509Error `pem_invalid` or `pem_too_large`
 * @example
 * const [server, ...chain] = readCertificates(readFileSync('fullchain.pem'));
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
  if (version === VERSION.v1) throw new DerError('the default version is written out (X.690 §11.5)', offset);
  return version;
}

/**
 * Versions 2 and 3 may have unique identifiers, which are skipped. Version 3 may have extensions (RFC 5280
 * §4.1.2.8, §4.1.2.9).
 */
function readTail(tbs: DerReader, version: number): ParsedExtensions {
  for (const tag of UNIQUE_ID_TAGS) {
    if (version > VERSION.v1 && tbs.nextTag === tag) tbs.element();
  }
  return version === VERSION.v3 && !tbs.atEnd
    ? tbs.context(EXTENSIONS_NUMBER, readExtensions)
    : NO_EXTENSIONS;
}
