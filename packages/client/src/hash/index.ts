// Hashes and HMACs: what the entry `@gatehouse/client/hash` offers, which loads no HTTP client.
export { type CheckAlgorithm, type HashAlgorithm, hashAlgorithms } from './algorithms.ts';
export { type HashInput, hasHash, hasHmac, hash, hmac } from './hash.ts';
