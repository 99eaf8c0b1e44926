// The kind of key that a renewal makes.
import { PRIVATE_KEY_TYPES, type PrivateKeyType, publicKeyType } from '@gatehouse/x509';

/** That of the old key, where we make such keys, else P-256. `spki` is in DER. */
export function sameKeyType(spki: Uint8Array): PrivateKeyType {
  const type = publicKeyType(spki);
  return PRIVATE_KEY_TYPES.find((known) => known === type) ?? 'P-256';
}
