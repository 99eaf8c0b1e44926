// A cache of accepted API keys, by the SHA-256 of the header value. It does not store the value. Every use
// checks that the key still exists unchanged, has not expired, and is allowed from this address.
import { hash } from 'node:crypto';
import type { BoundedMap } from '../bounded-map.ts';
import { createBoundedMap } from '../bounded-map.ts';
import type { Clock } from '../clock.ts';
import type { AddressSet } from '../credentials/address-set.ts';
import { createAddressSet } from '../credentials/address-set.ts';
import { parseApiKey, secretMatches } from '../credentials/api-key.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { AuthenticationMethod, Principal } from '../principals/principal.ts';
import type { KeyFacts, Principals, ServiceFacts } from '../principals/principals.ts';
import { withFacts } from '../principals/with-facts.ts';
import { requireEnabled, requireUnexpired, wrongAddress } from './key-checks.ts';

const WHAT = 'The API key';
const KEYS_CACHED = 8192;

/** An accepted key, and its caller, created from the facts about the key and its service. */
interface KnownKey {
  id: string;
  key: KeyFacts;
  service: ServiceFacts | undefined;
  principal: Principal;
  /** Undefined: all addresses. */
  from: AddressSet | undefined;
}

export interface KnownKeys {
  /** The caller, if the key in `carrier` was accepted before. Throws `credential_invalid`. */
  find(carrier: string, address: string): Principal | undefined;
  /** The caller by the key in `carrier`. Throws `credential_malformed` or `credential_invalid`. */
  accept(carrier: string, address: string): Principal;
  current(principal: Principal): Principal;
  /** Whether its key is accepted again within the second. A key may expire in the middle of the second. */
  isRepeatable(principal: Principal): boolean;
}

export interface KeyCarrier {
  via: AuthenticationMethod;
  /** Longer than any valid value. Longer texts are refused without a hash. */
  maxLength: number;
  /**
   * The API key in a header value, and the user name if present: the service or the id of the key. Throws
   * `credential_malformed`.
   */
  read(carrier: string): { text: string; user?: string };
}

/** `keys` and `services` may change during use. */
export function createKnownKeys(
  { keys, services }: Pick<Principals, 'keys' | 'services'>,
  clock: Clock,
  { via, maxLength, read }: KeyCarrier,
): KnownKeys {
  const cache: BoundedMap<string, KnownKey> = createBoundedMap(KEYS_CACHED);

  function checkNew(carrier: string): KnownKey {
    const { text, user } = read(carrier);
    const { id, secret } = parseApiKey(text);
    const key = requireKey(keys, id);
    if (!secretMatches(secret, key.secretHash)) throw unknownKey();
    const { name, roles, scopes = [], addresses } = key;
    if (user !== undefined && user !== name && user !== id) throw otherUser();
    const service = services.get(name);
    requireEnabled(name, service);
    const principal: Principal = { kind: 'service', name, roles, scopes, amr: ['swk'], via, keyId: id };
    return {
      id,
      key,
      service,
      principal: withFacts(principal, { attributes: service?.attributes }),
      from: addresses && createAddressSet(addresses),
    };
  }

  // The look-up by hash need not take constant time: its duration reveals nothing about the text.
  const digestOf = (carrier: string) =>
    carrier.length > maxLength ? undefined : hash('sha256', carrier, 'base64');

  function cached(digest: string | undefined): KnownKey | undefined {
    const found = digest === undefined ? undefined : cache.get(digest);
    // A change replaces the facts object.
    return found && isCurrent(found) ? found : undefined;
  }

  function known(carrier: string): KnownKey {
    const digest = digestOf(carrier);
    const found = cached(digest);
    if (found) return found;
    const fresh = checkNew(carrier);
    if (digest !== undefined) cache.set(digest, fresh);
    return fresh;
  }

  function callerOf({ key, principal, from }: KnownKey, address: string): Principal {
    requireUnexpired(key, clock.now(), WHAT);
    if (from?.has(address) === false) throw wrongAddress(WHAT);
    return principal;
  }

  function isCurrent({ id, key, service }: KnownKey): boolean {
    return keys.get(id) === key && services.get(key.name) === service;
  }

  return {
    find(carrier, address) {
      const found = cached(digestOf(carrier));
      return found && callerOf(found, address);
    },
    accept: (carrier, address) => callerOf(known(carrier), address),
    current(principal) {
      const { name, roles } = requireKey(keys, principal.keyId ?? '');
      const service = services.get(name);
      requireEnabled(name, service);
      return withFacts(principal, { roles, attributes: service?.attributes });
    },
    isRepeatable: ({ keyId = '' }) => keys.get(keyId)?.expiresAt === null,
  };
}

/** A public key is not secret, so it is not accepted as an API key. */
function requireKey(keys: Principals['keys'], id: string): KeyFacts {
  const key = keys.get(id);
  if (!key || key.publicKey) throw unknownKey();
  return key;
}

function unknownKey(): GatehouseError {
  return new GatehouseError('credential_invalid', 'The API key is unknown, disabled or revoked.');
}

function otherUser(): GatehouseError {
  return new GatehouseError(
    'credential_invalid',
    'The API key belongs to another service: as the user name, send the service of the key or the id of the key.',
  );
}
