// The keys of a gateway: generated once, and imported by each program that opens requests.
import { hpke as platform } from '#hpke';
import type { MaybePromise } from '../crypto/primitives.ts';
import { after } from '../hpke/key-schedule.ts';
import type { HpkeBackEnd, HpkeKey, HpkeKeyPair } from '../hpke/suite.ts';
import type { ObliviousKey } from './exchange-keys.ts';
import { OFFERED_ALGORITHMS } from './key-configuration.ts';

/**
 * A new key pair for a KEM.
 * @example
 * const { publicKey, privateKey } = await generateObliviousKey(KEM_X_WING);
 */
export async function generateObliviousKey(kem: number, hpke: HpkeBackEnd = platform): Promise<HpkeKey> {
  return hpke.generateKey(kem);
}

/**
 * The key in the form for `openRequest`. Throws or rejects with `HpkeError` if private and public key do not
 * match.
 * @example
 * const key = await importObliviousKey({ id: 1, kem: KEM_X_WING, publicKey, privateKey });
 */
export function importObliviousKey(
  { id, kem, publicKey, privateKey }: HpkeKeyPair & { id: number; kem: number },
  hpke: HpkeBackEnd = platform,
): MaybePromise<ObliviousKey> {
  const key = hpke.importKey(kem, { publicKey, privateKey });
  return after(key, (imported) => ({ id, key: imported, algorithms: OFFERED_ALGORITHMS }));
}
