// The credentials of Basic (RFC 7617 §2): base64 of a user name, a colon and a password, in UTF-8. Refuses
// other characters than those of base64, octets that are not UTF-8, and control characters.
import { GatehouseError } from '../errors/errors.ts';

export interface BasicCredentials {
  user: string;
  password: string;
}

const MAX_LENGTH = 1024;
/** RFC 7235 calls it token68; the padding may be missing. */
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Takes the text after the scheme. Throws `credential_malformed`.
 * @example
 * const { user, password } = parseBasicCredentials('QWxhZGRpbjpvcGVuIHNlc2FtZQ==');
 */
export function parseBasicCredentials(value: string): BasicCredentials {
  if (value.length > MAX_LENGTH || !BASE64.test(value)) throw malformed('base64');
  const text = textOf(value);
  const at = text.indexOf(':');
  if (at < 0) throw malformed('a user name, a colon and a password');
  return { user: text.slice(0, at), password: text.slice(at + 1) };
}

function textOf(value: string): string {
  try {
    const text = UTF8.decode(Buffer.from(value, 'base64'));
    if (!/\p{Cc}/u.test(text)) return text;
  } catch {
    // The fault is the same.
  }
  throw malformed('UTF-8 without control characters');
}

function malformed(expected: string): GatehouseError {
  return new GatehouseError(
    'credential_malformed',
    `Basic credentials must be ${expected} (RFC 7617): check what the client sends.`,
  );
}
