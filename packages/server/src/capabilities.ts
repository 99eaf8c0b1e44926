// The list of capabilities, wired by explicit calls in the order in which they depend on each other. A new one is a folder, a
// line here and a block in config.ts.
import { auditMigrations, createAudit } from './audit/index.ts';
import type { Ca } from './ca/index.ts';
import { caMigrations, createCa } from './ca/index.ts';
import type { Config } from './config.ts';
import type { Identity, InitialPassword } from './identity/index.ts';
import { createIdentity, identityMigrations } from './identity/index.ts';
import type { Clock } from './platform/clock.ts';
import type { Database } from './platform/database.ts';
import type { Events } from './platform/events.ts';
import type { Route } from './platform/http/route.ts';
import type { KeyStore } from './platform/key-store.ts';
import { keyStoreMigrations } from './platform/key-store.ts';
import type { Migration } from './platform/migrations.ts';

/** Applied in this order; a name never changes. */
export const migrations: Migration[] = [
  ...keyStoreMigrations,
  ...auditMigrations,
  ...identityMigrations,
  ...caMigrations,
];

export interface CapabilityDeps {
  database: Database;
  events: Events;
  keyStore: KeyStore;
  clock: Clock;
  initialPassword: InitialPassword;
  /** Resolves when the listeners act on what was just committed. */
  changed(): Promise<void>;
}

export interface Capabilities {
  audit: { routes: Route[] };
  identity: Identity;
  ca: Ca;
}

export async function createCapabilities(deps: CapabilityDeps, config: Config): Promise<Capabilities> {
  // First of all the ledger, so that it hears what the others do while they start.
  const audit = createAudit({ ...deps, headKey: deps.keyStore.derive('audit-head') });
  const identity = await createIdentity(deps, config.identity);
  const ca = await createCa(deps, config.ca);
  return { audit, identity, ca };
}
