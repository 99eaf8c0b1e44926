// The keyring: the server's own signing keys, each with a use. They sign access tokens, the assertions for
// upstreams, answers, and heads of the ledger. A key can be replaced while everything runs: the new key is
// published first, then signs, and the old key verifies until its last signature has expired.
import { z } from 'zod';
import type { Capability, CapabilityDeps, CapabilityKind } from '../platform/capability.ts';
import { duration } from '../platform/settings/setting-types.ts';
import { createKeyring, type Keyring } from './keyring.ts';
import { createMasterKeyRotation } from './master-key-rotation.ts';
import { keyringRoutes } from './routes.ts';
import { keyringMigrations } from './store.ts';

export { isKeyringEvent } from './events.ts';
export type { Keyring, SigningKeys } from './keyring.ts';
export type { RotatedMasterKeyView, SigningKeyView } from './routes.ts';
export type { SigningKey } from './signing-key.ts';

export interface KeyringCapability extends Capability, Pick<Keyring, 'use'> {}

const CHECK_SECONDS = 5;

const keyringSettings = z
  .strictObject({
    publishBefore: duration('5m', { min: 0, max: 86_400 }).describe(
      'How long a new signing key is published before it signs; verifiers may cache a key set for this time',
    ),
  })
  .prefault({});

export const keyringCapability: CapabilityKind<
  'keyring',
  typeof keyringSettings,
  CapabilityDeps,
  KeyringCapability
> = {
  name: 'keyring',
  migrations: keyringMigrations,
  settings: keyringSettings,
  create(deps, { publishBefore }) {
    const keyring = createKeyring(deps, publishBefore);
    return {
      use: keyring.use,
      projections: [keyring.projection],
      routes: keyringRoutes(keyring, createMasterKeyRotation(deps)),
      jobs: [{ name: 'put signing keys in force', intervalSeconds: CHECK_SECONDS, run: keyring.advance }],
    };
  },
};
