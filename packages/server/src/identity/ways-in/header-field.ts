// The header fields that carry credentials: `Authorization: Bearer` (RFC 6750 §2.1) and `X-API-Key`. Refuses two at once, since which
// of them counts must not be a guess, and other schemes.
import { GatehouseError } from '../../platform/errors.ts';
import { API_KEY_PREFIX } from '../api-key.ts';
import type { Presented } from './way-in.ts';

type Fields = Pick<Presented, 'authorization' | 'apiKey'>;

const BEARER = /^bearer +([A-Za-z0-9._~+/=-]+)$/i;

/** The access token; undefined where there is none. An API key may be sent as a bearer token too, and is not one. */
export function bearerToken({ authorization }: Fields): string | undefined {
  const value = bearerValue(authorization);
  return value?.startsWith(API_KEY_PREFIX) ? undefined : value;
}

/** The API key, from either field; undefined where there is none. */
export function apiKeyText({ authorization, apiKey }: Fields): string | undefined {
  if (apiKey !== undefined) return apiKey;
  const value = bearerValue(authorization);
  return value?.startsWith(API_KEY_PREFIX) ? value : undefined;
}

/** Throws `credential_malformed` for two fields, and for an Authorization that is not Bearer and one token. */
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
