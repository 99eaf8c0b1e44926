// The keys that sign requests to upstreams, and the key set with which upstreams verify them
// (docs/wire/assertion.md).
import { ASSERTION_SECONDS } from '@gatehouse/access';
import type { Capabilities } from '../capabilities.ts';
import type { SigningKeys } from '../keyring/index.ts';
import type { Route } from '../platform/http/route.ts';
import { keySetRoute } from './key-set-route.ts';

/** The first start creates the first one. */
export function openAssertionKeys({ keyring }: Capabilities): Promise<SigningKeys> {
  const firstSecret = 'gateway/assertion-key';
  return keyring.use({ name: 'assertion', firstSecret, lifetimeSeconds: ASSERTION_SECONDS });
}

/** Serves the keys with which upstreams verify `Gatehouse-Assertion`. */
export function assertionKeysRoute(keys: SigningKeys): Route {
  return keySetRoute(keys, {
    name: 'readAssertionKeys',
    path: '/.well-known/gatehouse-assertion-jwks.json',
    summary: 'Read the keys that verify Gatehouse-Assertion at an upstream (RFC 7517)',
  });
}
