// The keys of frames (docs/wire/fernet-frames.md): HKDF-SHA-256 (RFC 5869) of a Fernet key, with the salt of
// the file as salt, and the place of the frame as info. The output of 32 octets is one step of the expansion
// (§2.3).
import type { Bytes, CryptoPrimitives } from '../crypto/primitives.ts';
import { createTokenCipher, type TokenCipher } from './cipher.ts';
import { decodeKey } from './key.ts';

/** The first line of every file, without its line feed. Every info begins with it. */
export const FORM = 'gatehouse-fernet-frames/1';

/** Where a frame is in its file. */
export interface Place {
  /** From 0. */
  index: number;
  isLast: boolean;
}

/** One Fernet key, for the frames of one file. */
export interface FrameKeys {
  at(place: Place): Promise<TokenCipher>;
}

/** Throws FernetError `fernet_invalid_key`. */
export async function createFrameKeys(
  key: string | Uint8Array,
  salt: Uint8Array,
  primitives: CryptoPrimitives,
): Promise<FrameKeys> {
  const extracted = await primitives.hmacSha256(salt)(decodeKey(key)); // §2.2
  const expand = primitives.hmacSha256(extracted);
  return {
    at: async (place) => createTokenCipher(await expand(firstStep(infoOf(place))), primitives),
  };
}

/** The form, the number of the frame in eight octets, and 1 for the last frame or 0 for any other. */
function infoOf({ index, isLast }: Place): Bytes {
  const info = new Uint8Array(FORM.length + 9);
  new TextEncoder().encodeInto(FORM, info);
  const view = new DataView(info.buffer, FORM.length);
  view.setBigUint64(0, BigInt(index));
  view.setUint8(8, isLast ? 1 : 0);
  return info;
}

function firstStep(info: Bytes): Bytes {
  const input = new Uint8Array(info.length + 1);
  input.set(info);
  input[info.length] = 1;
  return input;
}
