// The text of a token from files, mails and terminals. Accepts the same as Python's
// `base64.urlsafe_b64decode`, so that both open the same tokens: it skips other characters, accepts both
// alphabets, ends at complete padding, and refuses missing padding. The HMAC then decides.
import { encodeBase64url } from '@gatehouse/protocol';
import { CliError, exitStatus } from '../../exit-status.ts';
import type { Peeked } from './input.ts';

/** More than other programs write, because they need several copies of a token in memory. */
const MAX_TOKEN = 128 * 1024 * 1024;

/**
 * The token in its one canonical form; undefined if Python would not read it. Throws `CliError` if it is too
 * large.
 */
export async function readTokenText({ octets }: Peeked, name: string): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of octets()) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_TOKEN)
      throw new CliError(
        exitStatus.limit,
        `${name} is not a file of frames, and a token has at most 128 MiB`,
      );
  }
  return canonicalToken(Buffer.concat(chunks));
}

/** The same for all octets of a text. */
export function canonicalToken(text: Uint8Array): string | undefined {
  const digits = digitsOf(text);
  if (digits === undefined) return undefined;
  return encodeBase64url(Buffer.from(digits.toString('latin1'), 'base64url'));
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_+/';
const PADDING = '='.charCodeAt(0);

/** The relevant digits of base64, without padding. Undefined if the padding is not complete. */
function digitsOf(text: Uint8Array): Buffer | undefined {
  const isDigit = new Uint8Array(256);
  for (const octet of Buffer.from(ALPHABET)) isDigit[octet] = 1;
  const digits = Buffer.allocUnsafe(text.length);
  let count = 0;
  let padding = 0;
  for (const octet of text) {
    if (isDigit[octet] === 1) {
      padding = 0;
      digits[count] = octet;
      count += 1;
    } else if (octet === PADDING) {
      padding += 1;
      const place = count % 4;
      if (place >= 2 && place + padding >= 4) return digits.subarray(0, count);
    }
  }
  return count % 4 === 0 ? digits.subarray(0, count) : undefined;
}
