// HPKE on WebCrypto, for browsers and other runtimes: the library `hpke` with all algorithms of the platform.
import * as library from 'hpke';
import type { HpkeBackEnd } from '../hpke/suite.ts';
import {
  AEAD_AES_128_GCM,
  AEAD_AES_256_GCM,
  AEAD_CHACHA20_POLY1305,
  KEM_X_WING,
  KEM_X25519,
} from '../hpke/suite.ts';
import { createWebHpke } from './library-hpke.ts';

export const hpke: HpkeBackEnd = createWebHpke({
  kems: {
    [KEM_X_WING]: library.KEM_MLKEM768_X25519,
    [KEM_X25519]: library.KEM_DHKEM_X25519_HKDF_SHA256 as library.KEMFactory,
  },
  aeads: {
    [AEAD_AES_128_GCM]: library.AEAD_AES_128_GCM,
    [AEAD_AES_256_GCM]: library.AEAD_AES_256_GCM,
    [AEAD_CHACHA20_POLY1305]: library.AEAD_ChaCha20Poly1305,
  },
});
