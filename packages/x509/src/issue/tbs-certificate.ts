// Writes TBSCertificate (RFC 5280 §4.1.2), version 3. The fields that all certificates of one issuer and
// profile share are encoded once. Each certificate is written into one buffer. Checks nothing: callers have
// already checked the values.
import { DerFiller, encodedLength, timeLength } from '../der/fill.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC, TAG } from '../der/tags.ts';
import { type Der, encodeDer, explicit, fillValue, integer } from '../der/write.ts';
import { KEY_IDENTIFIER_OCTETS, keyIdentifierText } from '../keys/spki.ts';
import { subjectKeyIdentifier } from './extensions.ts';

/** The shared fields of certificates, in DER. */
export interface SharedFields {
  /** The signature algorithm and the issuer. */
  readonly head: Uint8Array;
  /** Whole Extensions. The last is subjectKeyIdentifier, without the key identifier at its end. */
  readonly extensions: Uint8Array;
}

/** The fields of one certificate. Names and key are DER. */
export interface OwnFields {
  /** The octets of a positive INTEGER. */
  readonly serialNumber: Uint8Array;
  readonly subject: Uint8Array;
  readonly spki: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** A whole Extension. It follows the shared ones. */
  readonly subjectAltName?: Der | undefined;
}

/** Encodes the fields of all certificates with this signature algorithm, issuer and Extensions. */
export function encodeSharedFields(
  algorithm: Uint8Array,
  issuer: Uint8Array,
  extensions: readonly Uint8Array[],
): SharedFields {
  const keyIdentifierExtension = encodeDer(subjectKeyIdentifier(new Uint8Array(KEY_IDENTIFIER_OCTETS)));
  return {
    head: Buffer.concat([algorithm, issuer]),
    extensions: Buffer.concat([...extensions, keyIdentifierExtension.subarray(0, -KEY_IDENTIFIER_OCTETS)]),
  };
}

/**
 * The octets that the issuer signs.
 * @throws DerError if the key is not an SPKI
 */
export function encodeTbsCertificate(shared: SharedFields, own: OwnFields): Buffer {
  const { serialNumber, subject, spki, notBefore, notAfter, subjectAltName } = own;
  const validityLength = timeLength(notBefore) + timeLength(notAfter);
  const extensionsLength = shared.extensions.length + KEY_IDENTIFIER_OCTETS + (subjectAltName?.length ?? 0);
  const contentLength =
    VERSION_3.length +
    encodedLength(serialNumber.length) +
    shared.head.length +
    encodedLength(validityLength) +
    subject.length +
    spki.length +
    encodedLength(encodedLength(extensionsLength));
  const filler = new DerFiller(encodedLength(contentLength))
    .header(TAG.sequence, contentLength)
    .octets(VERSION_3)
    .header(TAG.integer, serialNumber.length)
    .octets(serialNumber)
    .octets(shared.head)
    .header(TAG.sequence, validityLength)
    .time(notBefore)
    .time(notAfter)
    .octets(subject)
    .octets(spki)
    .header(EXTENSIONS_TAG, encodedLength(extensionsLength))
    .header(TAG.sequence, extensionsLength)
    .octets(shared.extensions)
    .text(keyIdentifierText(spki));
  if (subjectAltName !== undefined) fillValue(filler, subjectAltName);
  return filler.bytes;
}

const VERSION_3 = encodeDer(explicit(0, integer(2)));
const EXTENSIONS_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 3;
