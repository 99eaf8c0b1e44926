// The text of a token as it comes out of files, mails and terminals. Takes exactly what Python's
// `base64.urlsafe_b64decode` takes, so that both open the same tokens: it skips what is not of the alphabet,
// takes both alphabets, ends at complete padding, and refuses missing padding. The HMAC then decides.
import { encodeBase64url } from '@gatehouse/protocol';
import { CliError, exitStatus } from '../../exit-status.ts';
import type { Peeked } from './input.ts';

/** More than other programs make, because they hold a token in memory several times. */
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
      throw new CliError(exitStatus.limit, `${name} is no file of frames, and a token has at most 128 MiB`);
  }
  return canonicalToken(Buffer.concat(chunks).toString('latin1'));
}

/** The same for its text. */
export function canonicalToken(text: string): string | undefined {
  const digits = digitsOf(text);
  return digits === undefined ? undefined : encodeBase64url(Buffer.from(digits, 'base64url'));
}

/** The digits of base64 that count, without padding; undefined if their padding is not complete. */
function digitsOf(text: string): string | undefined {
  const plain = /^[\w-]*(?==*\s*$)/.exec(text)?.[0];
  const isPlain =
    plain !== undefined && text.slice(plain.length).startsWith(PADDING[plain.length % 4] ?? '?');
  if (isPlain) return plain;
  const kept = text.replaceAll(/[^\w+/=-]+/g, '');
  let digits = '';
  let end = 0;
  for (const { index, 0: padding } of kept.matchAll(/=+/g)) {
    digits += kept.slice(end, index);
    end = index + padding.length;
    const place = digits.length % 4;
    if (place >= 2 && place + padding.length >= 4) return digits;
  }
  digits += kept.slice(end);
  return digits.length % 4 === 0 ? digits : undefined;
}

/** By how many digits there are beyond groups of four. */
const PADDING = ['', undefined, '==', '='];
