// Finds the acmeIdentifier extension of a tls-alpn-01 certificate (RFC 8737 §3).
// Refuses octets that are not DER, and a value that is not 32 octets long, as SHA-256 is.
import { type DerReader, readDer } from '../der/read.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC, TAG } from '../der/tags.ts';
import { DerError } from '../errors.ts';
import { EXTENSION } from '../oids.ts';

/** The acmeIdentifier extension of a certificate. */
export interface AcmeIdentifier {
  readonly isCritical: boolean;
  /** The SHA-256 of the key authorization. */
  readonly digest: Uint8Array;
}

/**
 * Reads the extension from a certificate in DER. Returns `undefined` if the certificate does not have it.
 * @throws DerError
 * @example
 * const identifier = readAcmeIdentifier(socket.getPeerCertificate().raw);
 */
export function readAcmeIdentifier(certificate: Uint8Array): AcmeIdentifier | undefined {
  return readDer(certificate, (reader) =>
    reader.sequence((fields) => {
      const found = fields.sequence(readTbs);
      fields.list((rest) => rest.element());
      return found;
    }),
  );
}

const EXTENSIONS_TAG = CONTEXT_SPECIFIC | CONSTRUCTED | 3;
const DIGEST_OCTETS = 32;

function readTbs(tbs: DerReader): AcmeIdentifier | undefined {
  while (!tbs.atEnd && tbs.nextTag !== EXTENSIONS_TAG) tbs.element();
  if (tbs.atEnd) return undefined;
  const extensions = tbs.context(3, (wrapped) => wrapped.sequence((all) => all.list(readExtension)));
  return extensions.find((extension) => extension !== undefined);
}

function readExtension(reader: DerReader): AcmeIdentifier | undefined {
  return reader.sequence((extension) => {
    const oid = extension.objectIdentifier();
    const isCritical = extension.booleanOrFalse();
    if (oid !== EXTENSION.acmeIdentifier) {
      extension.octetString();
      return undefined;
    }
    return { isCritical, digest: extension.within(TAG.octetString, readDigest) };
  });
}

function readDigest(value: DerReader): Uint8Array {
  const { offset } = value;
  const digest = value.octetString();
  if (digest.length === DIGEST_OCTETS) return digest;
  throw new DerError(`acmeIdentifier is not ${DIGEST_OCTETS} octets long (RFC 8737 §3)`, offset);
}
