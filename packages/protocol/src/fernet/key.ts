// Fernet keys (Fernet specification, "Key format"): 32 octets, of which the first half signs and the second
// half encrypts. Refuses lists with a key that is empty, has another length, or cannot be random.
import { primitives as platform } from '#crypto';
import { decodeBase64url, encodeBase64url } from '../base64url.ts';
import type { RandomBytes } from '../crypto/primitives.ts';
import { ProtocolError } from '../errors.ts';

export const KEY_LENGTH = 32;

/**
 * A bad token or a bad key. The error does not say which part of a token is wrong.
 * @example
 * if (error instanceof FernetError && error.code === 'fernet_invalid_token') refuse();
 */
export class FernetError extends ProtocolError<
  'fernet_invalid_token' | 'fernet_invalid_key' | 'fernet_frames_truncated'
> {}

/**
 * Generates a Fernet key: 32 random bytes as base64url with padding.
 * @example
 * const fernet = createFernet(generateFernetKey());
 */
export function generateFernetKey(random: RandomBytes = platform.randomBytes): string {
  return encodeBase64url(random(KEY_LENGTH));
}

/**
 * The keys in a text such as the environment variable `SECRET_KEY`: one or more, joined by commas, without
 * the white space around them. `createFernet` takes the list. Also accepts the alphabet of standard base64,
 * as Python does.
 * @throws FernetError `fernet_invalid_key`, which says which key is wrong and why, and does not contain it
 * @example
 * const fernet = createFernet(parseFernetKeys(secretKey));
 */
export function parseFernetKeys(text: string): string[] {
  const keys = text.split(',').map((key) => key.trim().replaceAll('+', '-').replaceAll('/', '_'));
  for (const [index, key] of keys.entries()) {
    const flaw = flawOf(key);
    if (flaw === undefined) continue;
    const which = keys.length === 1 ? 'The key' : `Key ${index + 1} of ${keys.length}`;
    throw new FernetError('fernet_invalid_key', `${which} ${flaw}`);
  }
  return keys;
}

/** The octets of a key. Throws FernetError `fernet_invalid_key`. */
export function decodeKey(key: string | Uint8Array): Uint8Array {
  const octets = typeof key === 'string' ? decodeOrUndefined(key) : Uint8Array.from(key);
  if (octets?.length === KEY_LENGTH) return octets;
  throw new FernetError('fernet_invalid_key', 'A Fernet key is 32 bytes, written as padded base64url.');
}

const FORM = 'a Fernet key is 32 random bytes as base64url, 44 characters with the = at the end';

function flawOf(key: string): string | undefined {
  if (key === '') return `is empty: ${FORM}.`;
  const octets = decodeOrUndefined(key);
  if (octets === undefined) return `is not base64url: ${FORM}.`;
  if (octets.length !== KEY_LENGTH) return `has ${octets.length} bytes instead of 32: ${FORM}.`;
  if (octets.every((octet) => octet === octets[0]))
    return 'has 32 equal bytes, so anyone can guess it: use a random key.';
  return undefined;
}

function decodeOrUndefined(text: string): Uint8Array | undefined {
  try {
    return decodeBase64url(text);
  } catch {
    return undefined;
  }
}
