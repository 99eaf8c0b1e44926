// API keys, in X-API-Key or, as many client libraries send them, as a bearer token. Keys that were accepted
// are cached by the SHA-256 of their text; the text itself is not kept. Every use checks that the key still
// exists, unchanged, has not expired, and may come from this address.
import { hash } from 'node:crypto';
import type { BoundedMap } from '../bounded-map.ts';
import { createBoundedMap } from '../bounded-map.ts';
import type { Clock } from '../clock.ts';
import type { AddressSet } from '../credentials/address-set.ts';
import { createAddressSet } from '../credentials/address-set.ts';
import { parseApiKey, secretMatches } from '../credentials/api-key.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Principal } from '../principals/principal.ts';
import type { KeyFacts, Principals, ServiceFacts } from '../principals/principals.ts';
import { withFacts } from '../principals/with-facts.ts';
import { apiKeyText } from './header-field.ts';
import type { WayIn } from './way-in.ts';

/** How far the clocks of two machines may differ. */
const TOLERANCE_MS = 60_000;
const KEYS_CACHED = 8192;
/** Longer than any key. Longer texts are not worth a hash. */
const TEXT_MAX_LENGTH = 128;

/** A key that was accepted, with its caller as of the facts about the key and about its service. */
interface KnownKey {
  id: string;
  key: KeyFacts;
  service: ServiceFacts | undefined;
  principal: Principal;
  /** Undefined: anywhere. */
  from: AddressSet | undefined;
}

/** `principals` may change while the way in is in use. */
export function apiKeyWay(
  { keys, services }: Pick<Principals, 'keys' | 'services'>,
  clock: Clock,
): WayIn<string> {
  const cache: BoundedMap<string, KnownKey> = createBoundedMap(KEYS_CACHED);

  function checkNew(text: string): KnownKey {
    const { id, secret } = parseApiKey(text);
    const key = requireKey(keys, id);
    if (!secretMatches(secret, key.secretHash)) throw unknownKey();
    const { name, roles, scopes = [], addresses } = key;
    const service = services.get(name);
    requireEnabled(name, service);
    const principal: Principal = {
      kind: 'service',
      name,
      roles,
      scopes,
      amr: ['swk'],
      via: 'apiKey',
      keyId: id,
    };
    return {
      id,
      key,
      service,
      principal: withFacts(principal, { attributes: service?.attributes }),
      from: addresses && createAddressSet(addresses),
    };
  }

  function known(text: string): KnownKey {
    // Looking the hash up need not take constant time: how long it takes says nothing about the text.
    const digest = text.length > TEXT_MAX_LENGTH ? undefined : hash('sha256', text, 'base64');
    const found = digest === undefined ? undefined : cache.get(digest);
    // Facts are replaced, never changed.
    if (found && keys.get(found.id) === found.key && services.get(found.key.name) === found.service)
      return found;
    const fresh = checkNew(text);
    if (digest !== undefined) cache.set(digest, fresh);
    return fresh;
  }

  return {
    name: 'apiKey',
    description: 'an API key',
    find: apiKeyText,
    authenticate(text, address) {
      const { key, principal, from } = known(text);
      requireUnexpired(key, clock.now());
      if (from?.has(address) === false) throw wrongAddress();
      return principal;
    },
    current(principal) {
      const { name, roles } = requireKey(keys, principal.keyId ?? '');
      const service = services.get(name);
      requireEnabled(name, service);
      return withFacts({ ...principal, roles }, { attributes: service?.attributes });
    },
    challenge: () => 'ApiKey realm="gatehouse"',
  };
}

function requireKey(keys: Principals['keys'], id: string): KeyFacts {
  const key = keys.get(id);
  if (!key) throw unknownKey();
  return key;
}

function requireEnabled(name: string, service: ServiceFacts | undefined): void {
  if (!service?.disabled) return;
  throw new GatehouseError('credential_invalid', `The service "${name}" is disabled.`);
}

/** A key that was created while the clock was ahead would live longer than it should. */
function requireUnexpired({ expiresAt, createdAt = 0 }: KeyFacts, now: number): void {
  if (expiresAt === null) return;
  if (expiresAt <= now) {
    throw new GatehouseError('credential_invalid', 'The API key has expired: create a new one.');
  }
  if (createdAt <= now + TOLERANCE_MS) return;
  throw new GatehouseError(
    'credential_invalid',
    'The API key was created while the clock was ahead, so it would expire too late: create a new one.',
  );
}

function wrongAddress(): GatehouseError {
  return new GatehouseError('credential_invalid', 'The API key is not accepted from this address.');
}

function unknownKey(): GatehouseError {
  return new GatehouseError('credential_invalid', 'The API key is unknown or was revoked.');
}
