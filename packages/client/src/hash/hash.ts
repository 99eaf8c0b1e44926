// Hashes and HMACs (RFC 2104) of texts, octets, files and streams of any length, in hexadecimal. Refuses MD5,
// except for checking.
import { createHash, createHmac, type Hash, type Hmac, timingSafeEqual } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type CheckAlgorithm, type HashAlgorithm, requireAlgorithm } from './algorithms.ts';

/** A text (hashed as UTF-8), octets, a stream of octets, or a file by its path. */
export type HashInput = string | Uint8Array | AsyncIterable<Uint8Array> | { file: string };

/**
 * The hash of `input`, in hexadecimal. Rejects with the error of the system if a file cannot be read.
 * @throws TypeError for an unknown algorithm, and for md5
 * @example
 * const sum = await hash('sha256', { file: 'release.tar.gz' });
 */
export async function hash(algorithm: HashAlgorithm, input: HashInput): Promise<string> {
  requireAlgorithm(algorithm);
  return digest(createHash(algorithm), input);
}

/**
 * The HMAC (RFC 2104) of `input` under a secret key, in hexadecimal. A text as key is taken as UTF-8.
 * @throws TypeError for an unknown algorithm, for md5, and for an empty key
 * @example
 * const code = await hmac('sha256', key, request.body);
 */
export async function hmac(
  algorithm: HashAlgorithm,
  key: string | Uint8Array,
  input: HashInput,
): Promise<string> {
  requireAlgorithm(algorithm);
  if (key.length === 0) throw new TypeError('the key of an HMAC must not be empty');
  return digest(createHmac(algorithm, key), input);
}

/**
 * Whether `input` has this hash. Compares in constant time. `expected` may have capital letters.
 * @example
 * if (!(await hasHash('md5', { file: 'old.zip' }, published))) throw new Error('old.zip was changed');
 */
export async function hasHash(
  algorithm: CheckAlgorithm,
  input: HashInput,
  expected: string,
): Promise<boolean> {
  if (algorithm !== 'md5') requireAlgorithm(algorithm);
  return isSame(await digest(createHash(algorithm), input), expected);
}

/**
 * Whether `input` has this HMAC under the key. Compares in constant time.
 * @example
 * if (!(await hasHmac('sha256', key, body, fields['x-signature']))) answer.writeHead(401).end();
 */
export async function hasHmac(
  algorithm: HashAlgorithm,
  key: string | Uint8Array,
  input: HashInput,
  expected: string,
): Promise<boolean> {
  return isSame(await hmac(algorithm, key, input), expected);
}

/** Larger pieces are not faster. */
const FILE_CHUNK_BYTES = 256 * 1024;

async function digest(state: Hash | Hmac, input: HashInput): Promise<string> {
  if (typeof input === 'string' || input instanceof Uint8Array) return state.update(input).digest('hex');
  for await (const chunk of streamOf(input)) state.update(chunk);
  return state.digest('hex');
}

function streamOf(input: AsyncIterable<Uint8Array> | { file: string }): AsyncIterable<Uint8Array> {
  if (!('file' in input)) return input;
  return createReadStream(input.file, { highWaterMark: FILE_CHUNK_BYTES });
}

function isSame(actual: string, expected: string): boolean {
  const [one, other] = [actual, expected.toLowerCase()].map((text) => Buffer.from(text));
  return one !== undefined && other?.length === one.length && timingSafeEqual(one, other);
}
