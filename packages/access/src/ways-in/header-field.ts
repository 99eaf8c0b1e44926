// The header fields that carry credentials: `Authorization: Bearer` (RFC 6750 §2.1) and `X-API-Key`. Refuses
// other schemes, and both fields at once: the server must not guess which one counts.
import { API_KEY_PREFIX } from '../credentials/api-key.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Presented } from './way-in.ts';

type Fields = Pick<Presented, 'authorization' | 'apiKey'>;

/** The access token, or undefined. An API key that is sent as a bearer token is not an access token. */
export function bearerToken({ authorization }: Fields): string | undefined {
  const value = bearerValue(authorization);
  return value?.startsWith(API_KEY_PREFIX) ? undefined : value;
}

/** The API key from either field, or undefined. */
export function apiKeyText({ authorization, apiKey }: Fields): string | undefined {
  if (apiKey !== undefined) return apiKey;
  const value = bearerValue(authorization);
  return value?.startsWith(API_KEY_PREFIX) ? value : undefined;
}

/** Throws `credential_malformed` if both fields are there, or if Authorization is not Bearer with a token. */
export function requireOneCredential({ authorization, apiKey }: Fields): void {
  if (authorization === undefined) return;
  if (apiKey !== undefined) {
    throw new GatehouseError('credential_malformed', 'Send either Authorization or X-API-Key, not both.');
  }
  if (bearerValue(authorization) === undefined) throw notBearer();
}

const TOKEN = /^[A-Za-z0-9._~+/=-]+$/;

/** Throws `credential_malformed`. */
export function requireTokenCharacters(token: string): void {
  if (!TOKEN.test(token)) throw notBearer();
}

const SCHEME = 'Bearer ';

/** What follows the scheme, which has no case (RFC 9110 §11.1). Its characters are checked when it is new. */
function bearerValue(authorization: string | undefined): string | undefined {
  if (authorization === undefined) return undefined;
  if (!authorization.startsWith(SCHEME)) {
    if (authorization.slice(0, SCHEME.length).toLowerCase() !== 'bearer ') return undefined;
  }
  let start = SCHEME.length;
  while (authorization.charCodeAt(start) === 0x20) start += 1;
  return start < authorization.length ? authorization.slice(start) : undefined;
}

function notBearer(): GatehouseError {
  return new GatehouseError(
    'credential_malformed',
    'Authorization must be "Bearer" and an access token or API key.',
  );
}
