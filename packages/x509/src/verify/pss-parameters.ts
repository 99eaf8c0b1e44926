// RSASSA-PSS-params (RFC 4055 §3.1). Refuses SHA-1, which is the default of missing fields, and two different
// digests.
import { readAlgorithmIdentifier } from '../algorithm.ts';
import { type DerReader, readDer } from '../der/read.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC } from '../der/tags.ts';
import { X509Error } from '../errors.ts';
import { DIGEST } from '../oids.ts';

/** The digest of message and mask, by its name in Node, and the length of the salt in octets. */
export interface PssParameters {
  readonly digest: string;
  readonly saltLength: number;
}

/**
 * Reads the parameters of an RSASSA-PSS AlgorithmIdentifier.
 * @throws X509Error `algorithm_unsupported`; DerError
 */
export function readPssParameters(parameters: Uint8Array | undefined): PssParameters {
  return readDer(parameters ?? new Uint8Array(), (reader) =>
    reader.sequence((fields) => {
      const digest = optional(fields, 0, readDigest);
      const maskDigest = optional(fields, 1, readMask);
      const saltLength =
        optional(fields, 2, (field) => field.smallInteger(MAX_SALT_OCTETS)) ?? DEFAULT_SALT_OCTETS;
      const trailer = optional(fields, 3, (field) => field.smallInteger(TRAILER)) ?? TRAILER;
      if (digest === undefined || digest !== maskDigest || trailer !== TRAILER) {
        throw new X509Error(
          'algorithm_unsupported',
          'RSA-PSS needs SHA-256, SHA-384 or SHA-512, the same for message and mask',
        );
      }
      return { digest, saltLength };
    }),
  );
}

const MAX_SALT_OCTETS = 512;
const DEFAULT_SALT_OCTETS = 20;
const TRAILER = 1;
const MGF1 = '1.2.840.113549.1.1.8';
const DIGEST_OF_OID = new Map<string, string>(
  (['sha256', 'sha384', 'sha512'] as const).map((name) => [DIGEST[name], name]),
);

function optional<T>(fields: DerReader, number: number, read: (field: DerReader) => T): T | undefined {
  return fields.nextTag === (CONTEXT_SPECIFIC | CONSTRUCTED | number)
    ? fields.context(number, read)
    : undefined;
}

function readDigest(reader: DerReader): string | undefined {
  return DIGEST_OF_OID.get(readAlgorithmIdentifier(reader).oid);
}

function readMask(reader: DerReader): string | undefined {
  const { oid, parameters } = readAlgorithmIdentifier(reader);
  return oid === MGF1 && parameters !== undefined ? readDer(parameters, readDigest) : undefined;
}
