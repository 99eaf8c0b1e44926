// The keys that sign heads of the ledger, and the key set with which anyone verifies them
// (docs/wire/witness.md).
import type { Clock } from '@gatehouse/access';
import type { Capabilities } from '../capabilities.ts';
import type { Route } from '../platform/http/route.ts';
import { keySetRoute } from './key-set-route.ts';

/** Ten years, because a stored head is useful as long as the ledger. */
const VERIFIABLE_SECONDS = 10 * 365 * 86_400;

/**
 * Makes the ledger sign its heads. The first start creates the first key. Returns the route that serves the
 * keys.
 */
export async function openLedgerKeys({ keyring, audit }: Capabilities, clock: Clock): Promise<Route> {
  const firstSecret = 'audit/signing-key';
  const keys = await keyring.use({ name: 'ledger', firstSecret, lifetimeSeconds: VERIFIABLE_SECONDS });
  audit.signWith(keys, clock);
  return keySetRoute(keys, {
    name: 'readLedgerKeys',
    path: '/.well-known/gatehouse-ledger-jwks.json',
    summary: 'Read the keys that verify signed heads of the ledger (RFC 7517)',
  });
}
