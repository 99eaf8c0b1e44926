// HPKE on node:crypto, for servers. It is synchronous, except ML-KEM and ChaCha20-Poly1305 in Bun.
import { createCipheriv, createDecipheriv, createHmac, getCiphers } from 'node:crypto';
import { concatBytes } from '../bytes.ts';
import type { Hmac } from '../hpke/key-schedule.ts';
import { after, expand, keySchedule, numberedOpen, numberedSeal } from '../hpke/key-schedule.ts';
import type { Aead, HpkeBackEnd } from '../hpke/suite.ts';
import {
  AEAD_AES_128_GCM,
  AEAD_AES_256_GCM,
  AEAD_CHACHA20_POLY1305,
  invalidKey,
  KEM_X_WING,
  KEM_X25519,
  openFailed,
  TAG_LENGTH,
  unsupported,
} from '../hpke/suite.ts';
import type { Kem } from './hpke-node-kems.ts';
import { createDhKem, createXWing } from './hpke-node-kems.ts';
import { webChaCha20Poly1305 } from './web-chacha20-poly1305.ts';

const CIPHERS = {
  [AEAD_AES_128_GCM]: 'aes-128-gcm',
  [AEAD_AES_256_GCM]: 'aes-256-gcm',
  [AEAD_CHACHA20_POLY1305]: 'chacha20-poly1305',
} as const;

type Cipher = (typeof CIPHERS)[keyof typeof CIPHERS];

export const hmac: Hmac = (key, ...parts) => {
  const mac = createHmac('sha256', key);
  for (const part of parts) mac.update(part);
  return Uint8Array.from(mac.digest());
};

/** `kems` by their numbers. */
export function createNodeHpke(kems: Readonly<Record<number, Kem>>): HpkeBackEnd {
  const hasChaCha = getCiphers().includes('chacha20-poly1305');

  function kemOf(kem: number): Kem {
    const found = kems[kem];
    if (!found) throw unsupported('KEM', kem);
    return found;
  }

  function aead(id: number, key: Uint8Array): Aead {
    const name = CIPHERS[id as keyof typeof CIPHERS];
    if (name === undefined) throw unsupported('AEAD', id);
    return name === 'chacha20-poly1305' && !hasChaCha ? webChaCha20Poly1305(key) : nodeAead(name, key);
  }

  return {
    generateKey: (kem) => kemOf(kem).generateKey(),
    importKey(kem, { publicKey, privateKey }) {
      const key = kemOf(kem).importKey(privateKey);
      if (!Buffer.from(key.publicKey).equals(publicKey)) throw invalidKey();
      return key;
    },
    setupSender: (suite, publicKey, info) =>
      after(kemOf(suite.kem).encapsulate(publicKey), ({ shared, encapsulated }) => {
        const { key, baseNonce, exportSecret } = keySchedule(hmac, suite, { shared, info });
        return { encapsulated, seal: numberedSeal(aead(suite.aead, key), baseNonce), exportSecret };
      }),
    setupRecipient: (suite, own, { encapsulated, info }) =>
      after(kemOf(suite.kem).decapsulate(own, encapsulated), (shared) => {
        const { key, baseNonce, exportSecret } = keySchedule(hmac, suite, { shared, info });
        return { open: numberedOpen(aead(suite.aead, key), baseNonce), exportSecret };
      }),
    extract: hmac,
    expand: (key, info, length) => expand(hmac, key, info, length),
    aead,
  };
}

function nodeAead(name: Cipher, key: Uint8Array): Aead {
  const options = { authTagLength: TAG_LENGTH };
  return {
    seal(nonce, plaintext, additional) {
      const cipher = createCipheriv(name as 'aes-256-gcm', key, nonce, options);
      cipher.setAAD(additional, { plaintextLength: plaintext.length });
      return concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag());
    },
    open(nonce, ciphertext, additional) {
      const length = ciphertext.length - TAG_LENGTH;
      if (length < 0) throw openFailed();
      const decipher = createDecipheriv(name as 'aes-256-gcm', key, nonce, options);
      decipher.setAAD(additional, { plaintextLength: length });
      decipher.setAuthTag(ciphertext.subarray(length));
      const plaintext = decipher.update(ciphertext.subarray(0, length));
      try {
        decipher.final();
      } catch {
        throw openFailed();
      }
      return Uint8Array.from(plaintext);
    },
  };
}

export const hpke: HpkeBackEnd = createNodeHpke({
  [KEM_X_WING]: createXWing(),
  [KEM_X25519]: createDhKem(hmac),
});
