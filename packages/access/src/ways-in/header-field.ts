// The header fields that carry credentials: `Authorization: Bearer` (RFC 6750 §2.1) and `X-API-Key`. Refuses
// other schemes, and both fields at once: the server must not guess which one counts.
import { API_KEY_PREFIX } from '../credentials/api-key.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Presented } from './way-in.ts';

type Fields = Pick<Presented, 'authorization' | 'apiKey'>;

const BEARER = /^bearer +([A-Za-z0-9._~+/=-]+)$/i;

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

/**
 * Throws `credential_malformed` if both fields are there, or if Authorization is not Bearer with one token.
 */
export function requireOneCredential({ authorization, apiKey }: Fields): void {
  if (authorization === undefined) return;
  if (apiKey !== undefined) {
    throw new GatehouseError('credential_malformed', 'Send either Authorization or X-API-Key, not both.');
  }
  if (bearerValue(authorization) === undefined) {
    throw new GatehouseError(
      'credential_malformed',
      'Authorization must be "Bearer" and an access token or API key.',
    );
  }
}

function bearerValue(authorization: string | undefined): string | undefined {
  return authorization === undefined ? undefined : BEARER.exec(authorization)?.[1];
}
