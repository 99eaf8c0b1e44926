// The keys of one generation: a post-quantum one, and one for clients that have no ML-KEM. They are stored as
// one secret. Their ids are computed from the epoch, so that successive generations have different ids.
import type { SealingKey } from '@gatehouse/access';
import { generateObliviousKey, KEM_X_WING, KEM_X25519 } from '@gatehouse/protocol';

/** The algorithms in the order of offers and of the stored secret, with the octets of their keys. */
const KEMS = [
  { kem: KEM_X_WING, privateOctets: 32, publicOctets: 1216 },
  { kem: KEM_X25519, privateOctets: 32, publicOctets: 32 },
];
/** Ids have one octet (RFC 9458 §3.1). */
const IDS = 256;

/** A new secret. */
export async function generateSecret(): Promise<Uint8Array> {
  const pairs = await Promise.all(KEMS.map(({ kem }) => generateObliviousKey(kem)));
  return Buffer.concat(pairs.flatMap(({ privateKey, publicKey }) => [privateKey, publicKey]));
}

/** The keys in a secret. */
export function keysIn(secret: Uint8Array, epoch: number): SealingKey[] {
  let at = 0;
  const next = (octets: number) => {
    at += octets;
    return Uint8Array.from(secret.subarray(at - octets, at));
  };
  return KEMS.map(({ kem, privateOctets, publicOctets }, index) => {
    const id = (epoch * KEMS.length + index) % IDS;
    return { id, kem, privateKey: next(privateOctets), publicKey: next(publicOctets) };
  });
}
