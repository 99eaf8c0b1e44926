// Content-Digest (RFC 9530): the hash of the content as sent. Only SHA-256 and SHA-512 count; the other
// registered algorithms do not protect against changes on purpose (§5).
import { primitives as platform } from '#crypto';
import type { CryptoPrimitives, HashName } from '../crypto/primitives.ts';
import { readDictionary } from '../structured-fields/read.ts';
import type { Dictionary, Item, Member } from '../structured-fields/values.ts';
import { isInnerList, StructuredFieldError } from '../structured-fields/values.ts';
import { writeDictionary } from '../structured-fields/write.ts';
import { MessageSignatureError } from './errors.ts';

/** The accepted hash algorithms of Content-Digest. */
export type DigestAlgorithm = 'sha-256' | 'sha-512';

const HASHES: Readonly<Record<DigestAlgorithm, HashName>> = { 'sha-256': 'SHA-256', 'sha-512': 'SHA-512' };
const LENGTHS: Readonly<Record<DigestAlgorithm, number>> = { 'sha-256': 32, 'sha-512': 64 };

/**
 * The value of Content-Digest for this content.
 * @example
 * headers.set('content-digest', await contentDigest(body));
 */
export async function contentDigest(
  content: Uint8Array,
  algorithm: DigestAlgorithm = 'sha-256',
  primitives: CryptoPrimitives = platform,
): Promise<string> {
  const value = await primitives.digest(HASHES[algorithm], content);
  return writeDictionary(new Map([[algorithm, { value: { type: 'bytes', value }, params: new Map() }]]));
}

/**
 * Requires that the field has at least one accepted digest, and that all accepted digests are right. `value`
 * is the field, its lines joined by commas; undefined without the field.
 * @throws MessageSignatureError `digest_missing`, `digest_malformed` or `digest_mismatch`
 * @example
 * await verifyContentDigest(headers.get('content-digest') ?? undefined, body);
 */
export async function verifyContentDigest(
  value: string | undefined,
  content: Uint8Array,
  primitives: CryptoPrimitives = platform,
): Promise<void> {
  for (const [algorithm, digest] of readContentDigest(value)) {
    const actual = await primitives.digest(HASHES[algorithm], content);
    if (!primitives.equalInConstantTime(actual, digest)) {
      throw new MessageSignatureError('digest_mismatch', 'The content does not match Content-Digest.');
    }
  }
}

/**
 * The accepted digests. Throws `digest_missing` or `digest_malformed`.
 * @example
 * const digests = readContentDigest(headers.get('content-digest') ?? undefined);
 */
export function readContentDigest(value: string | undefined): Map<DigestAlgorithm, Uint8Array> {
  if (value === undefined) throw missing('There is no Content-Digest (RFC 9530).');
  const found = new Map<DigestAlgorithm, Uint8Array>();
  for (const [name, member] of dictionaryOf(value)) {
    if (name !== 'sha-256' && name !== 'sha-512') continue;
    const bytes = bytesOf(member);
    if (bytes?.length !== LENGTHS[name]) throw malformed();
    found.set(name, bytes);
  }
  if (found.size === 0) throw missing('Content-Digest has neither sha-256 nor sha-512 (RFC 9530).');
  return found;
}

function dictionaryOf(value: string): Dictionary {
  try {
    return readDictionary(value);
  } catch (error) {
    if (error instanceof StructuredFieldError) throw malformed();
    throw error;
  }
}

function bytesOf(member: Member): Uint8Array | undefined {
  if (isInnerList(member)) return undefined;
  const { value }: Item = member;
  return value.type === 'bytes' ? value.value : undefined;
}

function missing(detail: string): MessageSignatureError {
  return new MessageSignatureError('digest_missing', detail);
}

function malformed(): MessageSignatureError {
  return new MessageSignatureError('digest_malformed', 'Content-Digest is not well formed (RFC 9530).');
}
