// The header fields that carry credentials: `Authorization` with one of our schemes, and `X-API-Key`. Refuses
// other schemes, and both fields together, because the server must not guess which one to use.
import { API_KEY_PREFIX } from '../credentials/api-key.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Presented } from './way-in.ts';

type Fields = Pick<Presented, 'authorization' | 'apiKey'>;

/** The schemes of Authorization, in lower case, because case does not matter (RFC 9110 §11.1). */
export type Scheme = 'bearer' | 'dpop' | 'basic' | 'digest';

// RFC 6750 §2.1, RFC 9449 §7.1, RFC 7617 §2, RFC 7616 §3.4.
const SCHEMES: readonly Scheme[] = ['bearer', 'dpop', 'basic', 'digest'];

/** The text after this scheme, or undefined. New texts are checked for valid characters. */
export function schemeValue(authorization: string | undefined, scheme: Scheme): string | undefined {
  if (authorization === undefined) return undefined;
  const { length } = scheme;
  if (authorization.charCodeAt(length) !== 0x20) return undefined;
  // In nearly all values, only the first letter differs.
  const isCommon = authorization.startsWith(COMMON[scheme]);
  if (!isCommon && authorization.slice(0, length).toLowerCase() !== scheme) return undefined;
  let start = length + 1;
  while (authorization.charCodeAt(start) === 0x20) start += 1;
  return start < authorization.length ? authorization.slice(start) : undefined;
}

const COMMON: Readonly<Record<Scheme, string>> = {
  bearer: 'Bearer',
  dpop: 'DPoP',
  basic: 'Basic',
  digest: 'Digest',
};

/** The access token of either scheme, or undefined. An API key in place of a token is not an access token. */
export function accessTokenText({ authorization }: Pick<Fields, 'authorization'>): string | undefined {
  const value = schemeValue(authorization, 'bearer');
  if (value === undefined) return schemeValue(authorization, 'dpop');
  return value.startsWith(API_KEY_PREFIX) ? undefined : value;
}

/** The API key from either field, or undefined. */
export function apiKeyText({ authorization, apiKey }: Fields): string | undefined {
  if (apiKey !== undefined) return apiKey;
  const value = schemeValue(authorization, 'bearer');
  return value?.startsWith(API_KEY_PREFIX) ? value : undefined;
}

/**
 * Throws `credential_malformed` if two fields have credentials, if a DPoP proof has no token, or if
 * Authorization is not one of our schemes with a value.
 */
export function requireOneCredential({
  authorization,
  apiKey,
  dpop,
}: Fields & Pick<Presented, 'dpop'>): void {
  if (dpop !== undefined && schemeValue(authorization, 'dpop') === undefined) throw proofAlone();
  if (authorization === undefined) return;
  if (apiKey !== undefined) {
    throw new GatehouseError('credential_malformed', 'Send either Authorization or X-API-Key, not both.');
  }
  if (SCHEMES.every((scheme) => schemeValue(authorization, scheme) === undefined)) throw notOurs();
}

/** Throws `credential_malformed` for a signed request with another credential in a header field. */
export function requireUnsigned({ authorization, apiKey, fields }: Fields & Pick<Presented, 'fields'>): void {
  if (!isSigned(fields) || (authorization === undefined && apiKey === undefined)) return;
  throw new GatehouseError(
    'credential_malformed',
    'Send either a signature or Authorization or X-API-Key: the request has more than one credential.',
  );
}

/** Whether the request has a signature field (RFC 9421 §4). */
export function isSigned(fields: Presented['fields']): boolean {
  if (fields === undefined) return false;
  for (let index = 0; index < fields.length; index += 2) {
    const { length } = fields[index] as string;
    if ((length === 9 || length === 15) && SIGNATURE.test(fields[index] as string)) return true;
  }
  return false;
}

const SIGNATURE = /^signature(?:-input)?$/i;

const TOKEN = /^[A-Za-z0-9._~+/=-]+$/;

/** Throws `credential_malformed`. */
export function requireTokenCharacters(token: string): void {
  if (!TOKEN.test(token)) throw notOurs();
}

function notOurs(): GatehouseError {
  return new GatehouseError(
    'credential_malformed',
    'Authorization must be "Bearer" and an access token or API key, or another scheme that the challenge names.',
  );
}

/**
 * A client that sends a proof expects a bound token. Without this check, a stolen unbound token would be
 * enough.
 */
function proofAlone(): GatehouseError {
  return new GatehouseError(
    'credential_malformed',
    'A DPoP proof needs a token: send the token as "Authorization: DPoP …".',
  );
}
