// From the credential in a request to a principal, with what memory holds: no store, no network. Runs in every gateway worker
// and in the control plane. Verified tokens are cached, but `exp` and the user's state are read again on every hit.
import { decodeJwt } from 'jose';
import type { Clock } from '../platform/clock.ts';
import { numericDate } from '../platform/clock.ts';
import { GatehouseError } from '../platform/errors.ts';
import type { Owner, Principal } from '../platform/principal.ts';
import type { TokenTrust, TokenVerifier, VerifiedToken } from './access-token.ts';
import { createTokenVerifier, expiredToken, requireNotAhead } from './access-token.ts';
import { API_KEY_PREFIX, parseApiKey, secretMatches } from './api-key.ts';
import type { Principals } from './principals.ts';

export type Credential = { via: 'bearer'; token: string } | { via: 'apiKey'; key: string };

export interface Authenticator {
  /**
   * The principal of a credential. Synchronous where the answer is known, so that the common request waits for nothing.
   * Throws (or rejects with) `credential_malformed`, `credential_invalid` or `token_expired`.
   */
  authenticate(credential: Credential): Principal | Promise<Principal>;
  /** Who the owner of a client certificate is now. Throws `client_certificate_invalid` for one who was removed or disabled. */
  principalOf(owner: Owner): Principal;
  /**
   * A principal of `authenticate`, of now or of before, as it is now. Throws `credential_invalid` when its credential
   * was revoked; one that has only expired since was good for what it began.
   */
  current(principal: Principal): Principal;
  /**
   * Whether the value of an Authorization or X-API-Key field has the form of what is issued here, valid or not: such a thing is
   * never for anyone else.
   */
  issuedHere(value: string): boolean;
}

const TOKENS_CACHED = 8192;
const TOKEN_MAX_LENGTH = 8192;

/**
 * The credential that a request carries: `Authorization: Bearer` (RFC 6750 §2.1) or `X-API-Key`. Two at once are refused:
 * which one counts must not be a guess. Throws `credential_malformed`.
 */
export function credentialFrom(
  authorization: string | undefined,
  apiKey: string | undefined,
): Credential | undefined {
  if (apiKey !== undefined && authorization !== undefined) {
    throw new GatehouseError('credential_malformed', 'Send either Authorization or X-API-Key, not both.');
  }
  if (apiKey !== undefined) return { via: 'apiKey', key: apiKey };
  if (authorization === undefined) return undefined;
  const [, scheme = '', value = ''] = /^([A-Za-z]+) +([A-Za-z0-9._~+/=-]+)$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer' && value.startsWith(API_KEY_PREFIX)) {
    throw new GatehouseError('credential_malformed', 'This is an API key: send it in X-API-Key.');
  }
  if (scheme.toLowerCase() === 'bearer') return { via: 'bearer', token: value };
  throw new GatehouseError('credential_malformed', 'Authorization must be "Bearer" and a token.');
}

/** `principals` may change while the authenticator is in use; `trust` may not. */
export function createAuthenticator(principals: Principals, trust: TokenTrust, clock: Clock): Authenticator {
  const tokens = createTokenCache(createTokenVerifier(trust, clock), clock);
  return {
    authenticate(credential) {
      if (credential.via === 'apiKey') return principalOfKey(principals, credential.key, clock);
      const known = tokens.known(credential.token);
      if (known) return principalOfToken(principals, known);
      return tokens.verify(credential.token).then((verified) => principalOfToken(principals, verified));
    },
    principalOf: (owner) => principalOfOwner(principals, owner),
    current(principal) {
      const { via, keyId = '' } = principal;
      if (via === 'apiKey') return { ...principal, roles: knownKey(principals, keyId).roles };
      if (via === 'bearer') return { ...principal, roles: tokenUser(principals, principal).roles };
      return principal;
    },
    issuedHere: (value) => value.includes(API_KEY_PREFIX) || issuerOf(value) === trust.issuer,
  };
}

/** What a JWT claims of its issuer, unverified; undefined for anything else. */
function issuerOf(value: string): unknown {
  const token = value.split(' ').at(-1) ?? '';
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) return undefined;
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

function principalOfKey(principals: Principals, text: string, clock: Clock): Principal {
  const { id, secret } = parseApiKey(text);
  const key = knownKey(principals, id);
  if (!secretMatches(secret, key.secretHash)) throw unknownKey();
  if (key.expiresAt !== null && key.expiresAt <= clock.now()) {
    throw new GatehouseError('credential_invalid', 'The API key has expired: create a new one.');
  }
  return {
    kind: 'service',
    name: key.name,
    roles: key.roles,
    scopes: [],
    amr: ['swk'],
    via: 'apiKey',
    keyId: id,
  };
}

function knownKey(principals: Principals, id: string) {
  const key = principals.keys.get(id);
  if (!key) throw unknownKey();
  return key;
}

function unknownKey(): GatehouseError {
  return new GatehouseError('credential_invalid', 'The API key is unknown or was revoked.');
}

// Roles are the user's present ones, not those at the time of issue: a role taken away is gone at once.
function principalOfToken(principals: Principals, token: VerifiedToken): Principal {
  const { scopes, amr, subject: name, epoch: tokenEpoch } = token;
  const { roles } = tokenUser(principals, { name, tokenEpoch });
  return { kind: 'user', name, roles, scopes, amr, via: 'bearer', tokenEpoch };
}

function tokenUser(principals: Principals, { name, tokenEpoch }: Pick<Principal, 'name' | 'tokenEpoch'>) {
  const user = principals.users.get(name);
  const voided = !user || user.disabled || tokenEpoch !== user.tokenEpoch;
  if (voided) throw new GatehouseError('credential_invalid', 'The token was revoked: sign in again.');
  return user;
}

function principalOfOwner(principals: Principals, { kind, name }: Owner): Principal {
  const user = kind === 'user' ? principals.users.get(name) : undefined;
  const known = kind === 'user' ? user : principals.services.get(name);
  if (!known || user?.disabled) {
    throw new GatehouseError(
      'client_certificate_invalid',
      `The client certificate belongs to a ${kind} that was removed or disabled.`,
    );
  }
  // Who has the key is shown by TLS (RFC 8176: proof of possession of a key).
  return { kind, name, roles: known.roles, scopes: [], amr: ['swk'], via: 'mtls' };
}

function createTokenCache(verifier: TokenVerifier, clock: Clock) {
  const cache = new Map<string, VerifiedToken>();
  return {
    /** The verified token if it was seen before. Throws `token_expired` or `credential_invalid`. */
    known(token: string): VerifiedToken | undefined {
      const hit = cache.get(token);
      if (!hit) return undefined;
      const now = numericDate(clock);
      requireNotAhead(hit, now);
      if (hit.expiresAt > now) return hit;
      cache.delete(token);
      throw expiredToken();
    },
    async verify(token: string): Promise<VerifiedToken> {
      if (token.length > TOKEN_MAX_LENGTH)
        throw new GatehouseError('credential_malformed', 'The token is too long.');
      const verified = await verifier.verify(token);
      if (cache.size >= TOKENS_CACHED) dropOldest(cache);
      cache.set(token, verified);
      return verified;
    },
  };
}

// A Map keeps the order of insertion, so the first key is the oldest.
function dropOldest(cache: Map<string, unknown>): void {
  for (const oldest of cache.keys()) {
    cache.delete(oldest);
    return;
  }
}
