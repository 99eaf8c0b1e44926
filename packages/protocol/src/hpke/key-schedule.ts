// The key schedule of RFC 9180 in base mode (§5.1), with a synchronous hash. The nonce of a message comes
// from its number (§5.2).
import { ascii, concatBytes, uint16s } from '../bytes.ts';
import type { Bytes, MaybePromise } from '../crypto/primitives.ts';
import type { Aead, HpkeSuite } from './suite.ts';
import { aeadSizes, KDF_HKDF_SHA256, unsupported } from './suite.ts';

/** HMAC with SHA-256 (RFC 2104) of all parts, joined. */
export type Hmac = (key: Uint8Array, ...parts: readonly Uint8Array[]) => Bytes;

const VERSION = ascii('HPKE-v1');
const NOTHING = new Uint8Array(0);
const BASE_MODE = 0;
const SECRET_LENGTH = 32;
const MAX_BLOCKS = 255;
/** The most messages of a context, so that their number is exact in JavaScript. */
const MAX_MESSAGES = 2 ** 48;

/** RFC 5869 §2.3. */
export function expand(hmac: Hmac, key: Uint8Array, info: Uint8Array, length: number): Bytes {
  if (length > MAX_BLOCKS * SECRET_LENGTH) throw new RangeError('HKDF gives at most 255 blocks.');
  const out = new Uint8Array(length);
  let block: Uint8Array = NOTHING;
  for (let at = 0, count = 1; at < length; count++) {
    block = hmac(key, block, info, Uint8Array.of(count));
    out.set(block.subarray(0, length - at), at);
    at += block.length;
  }
  return out;
}

/** The labelled functions of one suite (RFC 9180 §4). */
export function labelled(hmac: Hmac, suiteId: Uint8Array) {
  return {
    extract: (salt: Uint8Array, label: string, secret: Uint8Array) =>
      hmac(salt, VERSION, suiteId, ascii(label), secret),
    expand: (key: Uint8Array, what: { label: string; info: Uint8Array }, length: number) =>
      expand(hmac, key, concatBytes(uint16s(length), VERSION, suiteId, ascii(what.label), what.info), length),
  };
}

export interface Schedule {
  key: Bytes;
  baseNonce: Bytes;
  exportSecret(context: Uint8Array, length: number): Bytes;
}

/** RFC 9180 §5.1. Throws `HpkeError` `hpke_unsupported`. */
export function keySchedule(
  hmac: Hmac,
  { kem, kdf, aead }: HpkeSuite,
  { shared, info }: { shared: Uint8Array; info: Uint8Array },
): Schedule {
  if (kdf !== KDF_HKDF_SHA256) throw unsupported('KDF', kdf);
  const sizes = aeadSizes(aead);
  const by = labelled(hmac, concatBytes(ascii('HPKE'), uint16s(kem, kdf, aead)));
  const context = concatBytes(
    Uint8Array.of(BASE_MODE),
    by.extract(NOTHING, 'psk_id_hash', NOTHING),
    by.extract(NOTHING, 'info_hash', info),
  );
  const secret = by.extract(shared, 'secret', NOTHING);
  const exporter = by.expand(secret, { label: 'exp', info: context }, SECRET_LENGTH);
  return {
    key: by.expand(secret, { label: 'key', info: context }, sizes.key),
    baseNonce: by.expand(secret, { label: 'base_nonce', info: context }, sizes.nonce),
    exportSecret: (what, length) => by.expand(exporter, { label: 'sec', info: what }, length),
  };
}

/** The nonces of messages, in their order (RFC 9180 §5.2). */
export function createNonces(base: Uint8Array): () => Bytes {
  let count = 0;
  return () => {
    if (count >= MAX_MESSAGES) throw new RangeError('This context has no more nonces.');
    const nonce = numberedNonce(base, count);
    count += 1;
    return nonce;
  };
}

/** The base, combined by XOR with the number of the message in the last octets. */
export function numberedNonce(base: Uint8Array, number: number): Bytes {
  const nonce = Uint8Array.from(base);
  for (let at = nonce.length - 1, rest = number; rest > 0; at--, rest = Math.floor(rest / 256)) {
    nonce[at] = (nonce[at] as number) ^ (rest % 256);
  }
  return nonce;
}

/** Calls `next` with `value`: at once, unless `value` is a promise. */
export function after<T, U>(value: MaybePromise<T>, next: (value: T) => U): MaybePromise<Awaited<U>> {
  return (value instanceof Promise ? value.then(next) : next(value)) as MaybePromise<Awaited<U>>;
}

const NO_ADDITIONAL = NOTHING;

/** Seals messages in their order. */
export function numberedSeal(aead: Aead, baseNonce: Uint8Array) {
  const next = createNonces(baseNonce);
  return (plaintext: Uint8Array, additional: Uint8Array = NO_ADDITIONAL) =>
    aead.seal(next(), plaintext, additional);
}

/** Opens messages in their order. */
export function numberedOpen(aead: Aead, baseNonce: Uint8Array) {
  const next = createNonces(baseNonce);
  return (ciphertext: Uint8Array, additional: Uint8Array = NO_ADDITIONAL) =>
    aead.open(next(), ciphertext, additional);
}
