// The kind of key that a renewal makes.
import { PRIVATE_KEY_TYPES, type PrivateKeyType, publicKeyType } from '@gatehouse/x509';

/** The kind of the old key if it can be generated here, otherwise P-256. `spki` is in DER. */
export function sameKeyType(spki: Uint8Array): PrivateKeyType {
  const type = publicKeyType(spki);
  return PRIVATE_KEY_TYPES.find((known) => known === type) ?? 'P-256';
}
