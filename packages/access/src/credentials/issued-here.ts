// Recognises our own credentials in a header field, valid or not: they must never be forwarded.
import { API_KEY_PREFIX } from './api-key.ts';
import { APP_PASSWORD_PREFIX } from './app-password.ts';
import { REALM } from './digest-credentials.ts';

// None of our tokens has shorter parts. So only a few parts of a long value must be decoded.
const JWT = /^[\w-]{16,}\.([\w-]{16,})\.[\w-]*$/;
const BETWEEN_TOKENS = /[^\w.-]+/;

/**
 * Finds a credential anywhere in the value: an upstream may accept a scheme that we refuse.
 * `issuer`: the issuer of our tokens.
 */
export function isIssuedHere(value: string, issuer: string): boolean {
  if (hasSecret(value) || hasSecretInBasic(value) || DIGEST.test(value)) return true;
  return value.split(BETWEEN_TOKENS).some((text) => {
    const [, payload] = JWT.exec(text) ?? [];
    return payload !== undefined && issuerOf(payload) === issuer;
  });
}

const BASIC = /^\s*basic\s+([A-Za-z0-9+/=]+)/i;
/** Credentials for our realm: with these, an upstream could try passwords. */
const DIGEST = new RegExp(`^\\s*digest\\s.*realm\\s*=\\s*"?${REALM}"?`, 'i');

function hasSecret(value: string): boolean {
  return value.includes(API_KEY_PREFIX) || value.includes(APP_PASSWORD_PREFIX);
}

function hasSecretInBasic(value: string): boolean {
  const [, encoded] = BASIC.exec(value) ?? [];
  return encoded !== undefined && hasSecret(Buffer.from(encoded, 'base64').toString('latin1'));
}

/** The issuer that the payload of a JWT claims, unverified; undefined for anything else. */
function issuerOf(payload: string): unknown {
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null && 'iss' in claims ? claims.iss : undefined;
  } catch {
    return undefined;
  }
}
