// Encrypts and decrypts the octets of tokens with one Fernet key (Fernet specification, "Generating" and
// "Verifying"). Checks the HMAC before it decrypts. Synchronous if the platform is.
import type { AesCbc, Bytes, CryptoPrimitives, MaybePromise } from '../crypto/primitives.ts';
import { decodeKey } from './key.ts';
import { BLOCK_LENGTH, fieldsOf, startToken } from './token.ts';

export interface TokenCipher {
  seal(plaintext: Uint8Array, timeSeconds: number, iv: Uint8Array): MaybePromise<Bytes>;
  /** The plaintext of a token from `readFernetToken`; undefined if it is not authentic. */
  open(token: Bytes): MaybePromise<Bytes | undefined>;
  /** Whether the HMAC of the token is valid. */
  authenticates(token: Bytes): MaybePromise<boolean>;
}

/** Throws FernetError `fernet_invalid_key`. */
export function createTokenCipher(key: string | Uint8Array, primitives: CryptoPrimitives): TokenCipher {
  const secret = decodeKey(key);
  const cipher = primitives.aes128Cbc(secret.subarray(BLOCK_LENGTH));
  const mac = primitives.hmacSha256(secret.subarray(0, BLOCK_LENGTH));
  const authenticates = (token: Bytes) => {
    const { authenticated, hmac } = fieldsOf(token);
    return then(mac(authenticated), (expected) => primitives.equalInConstantTime(hmac, expected));
  };
  return {
    seal(plaintext, timeSeconds, iv) {
      const token = startToken(plaintext.length, timeSeconds, iv);
      const { ciphertext, authenticated, hmac } = fieldsOf(token);
      return then(cipher.encryptInto(ciphertext, iv, plaintext), () =>
        then(mac(authenticated), (code) => {
          hmac.set(code);
          return token;
        }),
      );
    },
    open(token) {
      const { iv, ciphertext } = fieldsOf(token);
      return then(authenticates(token), (isRight) =>
        isRight ? decryptOrUndefined(cipher, iv, ciphertext) : undefined,
      );
    },
    authenticates,
  };
}

/** Without a promise if the platform needs none: waiting for one takes as long as a short HMAC. */
function then<A, B>(value: MaybePromise<A>, next: (value: A) => MaybePromise<B>): MaybePromise<B> {
  return value instanceof Promise ? value.then(next) : next(value);
}

function decryptOrUndefined(cipher: AesCbc, iv: Bytes, ciphertext: Bytes): MaybePromise<Bytes | undefined> {
  try {
    const plaintext = cipher.decrypt(iv, ciphertext);
    return plaintext instanceof Promise ? plaintext.catch(() => undefined) : plaintext;
  } catch {
    return undefined;
  }
}
