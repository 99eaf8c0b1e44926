// The kind of key that a renewal makes.
import { PRIVATE_KEY_TYPES, type PrivateKeyType, publicKeyType } from '@gatehouse/x509';

/** The kind of the old key if we can make such keys, otherwise P-256. `spki` is in DER. */
export function sameKeyType(spki: Uint8Array): PrivateKeyType {
  const type = publicKeyType(spki);
  return PRIVATE_KEY_TYPES.find((known) => known === type) ?? 'P-256';
}
