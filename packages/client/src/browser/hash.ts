// Hashes and HMACs in a browser, by WebCrypto: SHA-256, SHA-384 and SHA-512 of content that fits into memory.
import { Unsupported } from './unsupported.ts';

/** A text (hashed as UTF-8), octets, or a stream of octets, which is read into memory. */
export type BrowserHashInput = string | Uint8Array | Blob | ReadableStream<Uint8Array>;

const NAMES: Readonly<Record<string, string>> = { sha256: 'SHA-256', sha384: 'SHA-384', sha512: 'SHA-512' };

/**
 * The hash of `input`, in hexadecimal.
 * @example
 * const sum = await hash('sha256', file);
 */
export async function hash(algorithm: string, input: BrowserHashInput): Promise<string> {
  return hexOf(await crypto.subtle.digest(nameOf(algorithm), await octetsOf(input)));
}

/**
 * The HMAC (RFC 2104) of `input` under a secret key, in hexadecimal.
 * @example
 * const code = await hmac('sha256', key, text);
 */
export async function hmac(
  algorithm: string,
  key: string | Uint8Array,
  input: BrowserHashInput,
): Promise<string> {
  const imported = await importKey(algorithm, key, 'sign');
  return hexOf(await crypto.subtle.sign('HMAC', imported, await octetsOf(input)));
}

/**
 * Whether `input` has this hash. `expected` may have capital letters.
 * @example
 * if (!(await hasHash('sha256', file, published))) throw new Error('the file was changed');
 */
export async function hasHash(
  algorithm: string,
  input: BrowserHashInput,
  expected: string,
): Promise<boolean> {
  return (await hash(algorithm, input)) === expected.toLowerCase();
}

/**
 * Whether `input` has this HMAC under the key. Compares in constant time.
 * @example
 * if (!(await hasHmac('sha256', key, text, code))) throw new Error('the text was changed');
 */
export async function hasHmac(
  algorithm: string,
  key: string | Uint8Array,
  input: BrowserHashInput,
  expected: string,
): Promise<boolean> {
  const imported = await importKey(algorithm, key, 'verify');
  if (!/^(?:[0-9a-f]{2})*$/i.test(expected)) return false;
  const code = Uint8Array.from(expected.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  return crypto.subtle.verify('HMAC', imported, code, await octetsOf(input));
}

function nameOf(algorithm: string): string {
  const name = NAMES[algorithm];
  if (name !== undefined) return name;
  throw new Unsupported(`the hash ${algorithm}`, `its cryptography has ${Object.keys(NAMES).join(', ')}`);
}

async function importKey(algorithm: string, key: string | Uint8Array, usage: KeyUsage): Promise<CryptoKey> {
  if (key.length === 0) throw new TypeError('the key of an HMAC must not be empty');
  const hmacWith = { name: 'HMAC', hash: nameOf(algorithm) };
  return crypto.subtle.importKey('raw', await octetsOf(key), hmacWith, false, [usage]);
}

/** `Response` reads all of these. */
async function octetsOf(input: BrowserHashInput): Promise<ArrayBuffer> {
  return new Response(input as BodyInit).arrayBuffer();
}

function hexOf(octets: ArrayBuffer): string {
  return Array.from(new Uint8Array(octets), (octet) => octet.toString(16).padStart(2, '0')).join('');
}
