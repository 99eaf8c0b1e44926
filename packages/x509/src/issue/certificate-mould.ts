// TBSCertificate (RFC 5280 §4.1.2), version 3, cast in a mould: what the certificates of one issuer and profile share is encoded
// once, and each of them is one buffer that is filled. Judges nothing: callers have checked what they hand over.
import { DerFiller, encodedLength, timeLength } from '../der/fill.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC, TAG } from '../der/tags.ts';
import { type Der, encodeDer, explicit, fillValue, integer } from '../der/write.ts';
import { subjectKeyIdentifier } from '../extensions.ts';
import { KEY_IDENTIFIER_OCTETS, keyIdentifierText } from '../keys/spki.ts';

/** What certificates share, in DER. */
export interface Mould {
  /** The signature algorithm and the issuer. */
  readonly head: Uint8Array;
  /** Whole Extensions, but for the key identifier at the end of the last, which is subjectKeyIdentifier. */
  readonly extensions: Uint8Array;
}

/** What each certificate has for itself; names and key in DER. */
export interface Casting {
  /** Octets of a positive INTEGER. */
  readonly serialNumber: Uint8Array;
  readonly subject: Uint8Array;
  readonly spki: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** A whole Extension that stands after those of the mould. */
  readonly subjectAltName?: Der | undefined;
}

/** The mould for certificates with this signature algorithm, issuer, and these Extensions before their own. */
export function createMould(
  algorithm: Uint8Array,
  issuer: Uint8Array,
  extensions: readonly Uint8Array[],
): Mould {
  const keyIdentifierExtension = encodeDer(subjectKeyIdentifier(new Uint8Array(KEY_IDENTIFIER_OCTETS)));
  return {
    head: Buffer.concat([algorithm, issuer]),
    extensions: Buffer.concat([...extensions, keyIdentifierExtension.subarray(0, -KEY_IDENTIFIER_OCTETS)]),
  };
}

/**
 * The octets to be signed.
 * @throws DerError when the key is not an SPKI
 */
export function castCertificate(mould: Mould, casting: Casting): Buffer {
  const { serialNumber, subject, spki, notBefore, notAfter, subjectAltName } = casting;
  const validityLength = timeLength(notBefore) + timeLength(notAfter);
  const extensionsLength = mould.extensions.length + KEY_IDENTIFIER_OCTETS + (subjectAltName?.length ?? 0);
  const contentLength =
    VERSION_3.length +
    encodedLength(serialNumber.length) +
    mould.head.length +
    encodedLength(validityLength) +
    subject.length +
    spki.length +
    encodedLength(encodedLength(extensionsLength));
  const filler = new DerFiller(encodedLength(contentLength))
    .header(TAG.sequence, contentLength)
    .octets(VERSION_3)
    .header(TAG.integer, serialNumber.length)
    .octets(serialNumber)
    .octets(mould.head)
    .header(TAG.sequence, validityLength)
    .time(notBefore)
    .time(notAfter)
    .octets(subject)
    .octets(spki)
    .header(EXTENSIONS_TAG, encodedLength(extensionsLength))
    .header(TAG.sequence, extensionsLength)
    .octets(mould.extensions)
    .text(keyIdentifierText(spki));
  if (subjectAltName !== undefined) fillValue(filler, subjectAltName);
  return filler.bytes;
}

const VERSION_3 = encodeDer(explicit(0, integer(2)));
const EXTENSIONS_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 3;
