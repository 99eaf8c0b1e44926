// HTTP Basic with a client's id and secret (RFC 6749 §2.3.1): both are form-encoded before they are joined.
import { decodeUtf8 } from '@gatehouse/protocol';
import { OauthError } from '../token/oauth-error.ts';

const BASIC = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

/** The id and the secret. Throws `OauthError` for a field that is not in this form. */
export function basicCredentials(authorization: string): { id: string; secret: string } {
  const [, encoded = ''] = BASIC.exec(authorization) ?? [];
  const text = decoded(encoded);
  const at = text.indexOf(':');
  if (at <= 0) throw notBasic();
  return { id: formDecoded(text.slice(0, at)), secret: formDecoded(text.slice(at + 1)) };
}

/** Octets that are not UTF-8 are refused: replaced ones would make different secrets equal. */
function decoded(encoded: string): string {
  try {
    return decodeUtf8(Buffer.from(encoded, 'base64'));
  } catch {
    throw notBasic();
  }
}

function formDecoded(text: string): string {
  if (!/[+%]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw notBasic();
  }
}

function notBasic(): OauthError {
  return new OauthError(
    'invalid_request',
    'Authorization must be Basic, with the client id and the secret, each form-encoded.',
  );
}
