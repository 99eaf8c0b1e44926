// MLKEM768-X25519 (draft-connolly-cfrg-xwing-kem) in JavaScript, for browsers whose WebCrypto has none. It is
// larger than all other code for sealing, so it is a separate file that only these browsers load. It only
// encapsulates, because clients need no more.
import { ml_kem768_x25519 as xWing } from '@noble/post-quantum/hybrid.js';
import type { KEMFactory, Key } from 'hpke';

interface PublicKey extends Key {
  octets: Uint8Array;
}

const name = 'MLKEM768-X25519';
/** draft-ietf-hpke-pq §4. */
const FACTS = { id: 0x647a, type: 'KEM', name, Nsecret: 32, Nenc: 1120, Npk: 1216, Nsk: 32 } as const;

/** Replaces the one of `hpke`. */
export const KEM_MLKEM768_X25519: KEMFactory = () => ({
  ...FACTS,
  DeserializePublicKey: async (octets) => publicKeyOf(octets),
  SerializePublicKey: async (key) => (key as PublicKey).octets,
  async Encap(key) {
    const { cipherText: enc, sharedSecret } = xWing.encapsulate((key as PublicKey).octets);
    return { enc, shared_secret: sharedSecret };
  },
  GenerateKeyPair: refuse,
  DeriveKeyPair: refuse,
  SerializePrivateKey: refuse,
  DeserializePrivateKey: refuse,
  Decap: refuse,
});

function publicKeyOf(octets: Uint8Array): PublicKey {
  return { algorithm: { name }, extractable: true, type: 'public', octets };
}

async function refuse(): Promise<never> {
  throw new TypeError('Only public keys can be used here.');
}
