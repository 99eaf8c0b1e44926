// The list of capabilities, in the order of their dependencies. A new capability is a folder and a line here.
import { acmeCapability } from './acme/index.ts';
import { acmeClientMigrations } from './acme-client/index.ts';
import { auditCapability } from './audit/index.ts';
import { authzCapability } from './authz/index.ts';
import { caCapability } from './ca/index.ts';
import { channelCapability } from './channel/index.ts';
import { configurationMigrations } from './configuration/index.ts';
import { identityCapability } from './identity/index.ts';
import { keyringCapability } from './keyring/index.ts';
import { oauthCapability } from './oauth/index.ts';
import type { CapabilitiesOf } from './platform/capability.ts';
import { listCapabilities } from './platform/capability.ts';
import { keyStoreMigrations } from './platform/keys/key-store.ts';
import { claimMigrations } from './platform/short-lived/claim-rows.ts';
import { clockRunMigrations } from './platform/short-lived/clock-run-rows.ts';
import type { Migration } from './platform/store/migrations.ts';
import { sealingCapability } from './sealing/index.ts';

export type { AuditEntry, AuditVerification } from './audit/index.ts';
export { auditChecks, witnessAddressSchema } from './audit/index.ts';

export const capabilityList = listCapabilities(
  // The ledger is first, because it records the acts of the others while they start.
  auditCapability,
  keyringCapability,
  identityCapability,
  caCapability,
  channelCapability,
  acmeCapability,
  oauthCapability,
  authzCapability,
  sealingCapability,
);

export type Capabilities = CapabilitiesOf<typeof capabilityList>;

/** Applied in this order. Names never change. */
export const migrations: Migration[] = [
  ...keyStoreMigrations,
  ...capabilityList.migrations,
  ...configurationMigrations,
  ...acmeClientMigrations,
  ...claimMigrations,
  ...clockRunMigrations,
];
