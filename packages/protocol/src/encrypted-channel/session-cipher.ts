// The Fernet tokens of one session. Each token is decoded once, for its plaintext and for the mark that
// shows that it was used. Synchronous if the platform is: waiting for a promise takes as long as a hash.
import { encodeBase64url } from '../base64url.ts';
import type { Bytes, CryptoPrimitives, MaybePromise, RandomBytes } from '../crypto/primitives.ts';
import { createTokenCipher } from '../fernet/cipher.ts';
import { BLOCK_LENGTH, decodeToken } from '../fernet/token.ts';
import { type TokenMark, tokenMark } from './token-mark.ts';

export interface SessionCipherDeps {
  /** Milliseconds since the epoch. */
  clock(): number;
  random: RandomBytes;
  primitives: CryptoPrimitives;
}

export interface SessionCipher {
  /** The token of `content`, and its mark. */
  seal(content: Uint8Array | string): Promise<{ token: string; mark: TokenMark }>;
  /** The plaintext of `token`, and its mark; undefined if it is not a token of this session. */
  open(token: string): MaybePromise<{ plaintext: Bytes; mark: TokenMark } | undefined>;
}

/** The cipher of a session with this shared secret, 32 bytes. */
export function createSessionCipher(
  secret: Bytes,
  { clock, random, primitives }: SessionCipherDeps,
): SessionCipher {
  const cipher = createTokenCipher(secret, primitives);
  return {
    async seal(content) {
      const plaintext = typeof content === 'string' ? new TextEncoder().encode(content) : content;
      const octets = await cipher.seal(plaintext, Math.floor(clock() / 1000), random(BLOCK_LENGTH));
      return { token: encodeBase64url(octets), mark: tokenMark(octets) };
    },
    open(token) {
      const octets = decodeToken(token);
      if (octets === undefined) return undefined;
      const marked = (plaintext: Bytes | undefined) => plaintext && { plaintext, mark: tokenMark(octets) };
      const opened = cipher.open(octets);
      return opened instanceof Promise ? opened.then(marked) : marked(opened);
    },
  };
}
