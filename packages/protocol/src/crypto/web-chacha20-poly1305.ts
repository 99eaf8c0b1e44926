// ChaCha20-Poly1305 (RFC 8439) of WebCrypto, for platforms whose node:crypto has none.
import type { Aead } from '../hpke/suite.ts';
import { openFailed, unsupported } from '../hpke/suite.ts';

const NAME = 'ChaCha20-Poly1305';
const ID = 3;

/** The functions of WebCrypto that are used here (W3C Modern Algorithms in the Web Cryptography API). */
interface WebChaCha {
  importKey(
    form: 'raw-secret',
    octets: Uint8Array,
    algorithm: string,
    extractable: boolean,
    usages: string[],
  ): Promise<CryptoKey>;
}

export function webChaCha20Poly1305(key: Uint8Array): Aead {
  const subtle = crypto.subtle as unknown as WebChaCha;
  const imported = subtle
    .importKey('raw-secret', Uint8Array.from(key), NAME, false, ['encrypt', 'decrypt'])
    .catch(() => Promise.reject(unsupported('AEAD', ID)));
  imported.catch(() => {});
  const algorithm = (nonce: Uint8Array, additional: Uint8Array) => ({
    name: NAME,
    iv: Uint8Array.from(nonce),
    additionalData: Uint8Array.from(additional),
    tagLength: 128,
  });
  return {
    async seal(nonce, plaintext, additional) {
      const data = Uint8Array.from(plaintext);
      return new Uint8Array(await crypto.subtle.encrypt(algorithm(nonce, additional), await imported, data));
    },
    async open(nonce, ciphertext, additional) {
      const data = Uint8Array.from(ciphertext);
      const opened = crypto.subtle.decrypt(algorithm(nonce, additional), await imported, data);
      return new Uint8Array(await opened.catch(refuse));
    },
  };
}

function refuse(): never {
  throw openFailed();
}
