// The list of capabilities, wired by explicit calls in the order in which they depend on each other. A new one is a folder, a
// line here and a block in config.ts.
import type { Acme } from './acme/index.ts';
import { acmeMigrations, createAcme } from './acme/index.ts';
import { auditMigrations, createAudit } from './audit/index.ts';
import type { Ca } from './ca/index.ts';
import { caMigrations, createCa } from './ca/index.ts';
import type { Config } from './config.ts';
import type { Identity, InitialPassword } from './identity/index.ts';
import { createIdentity, identityMigrations } from './identity/index.ts';
import type { Clock } from './platform/clock.ts';
import type { Database } from './platform/database.ts';
import { GatehouseError } from './platform/errors.ts';
import type { Events } from './platform/events.ts';
import type { Feed } from './platform/feed.ts';
import { createFeed } from './platform/feed.ts';
import type { Route } from './platform/http/route.ts';
import type { KeyStore } from './platform/key-store.ts';
import { keyStoreMigrations } from './platform/key-store.ts';
import type { Log } from './platform/log.ts';
import type { Migration } from './platform/migrations.ts';
import type { RefusalCounter } from './platform/refusal-counter.ts';

export type { AuditEntry, AuditVerification } from './audit/index.ts';

/** Applied in this order. Names never change. */
export const migrations: Migration[] = [
  ...keyStoreMigrations,
  ...auditMigrations,
  ...identityMigrations,
  ...caMigrations,
  ...acmeMigrations,
];

export interface CapabilityDeps {
  database: Database;
  events: Events;
  keyStore: KeyStore;
  clock: Clock;
  log: Log;
  refusals: RefusalCounter;
  initialPassword: InitialPassword;
  /** Public URLs, without a slash at the end. */
  urls: { control: string; pki: string };
  /** Where the control listener listens. */
  controlPort: number;
  /** Writes the roots (PEM) to the file that clients read. */
  keepRoots(rootsPem: string): void;
  /** Resolves when the listeners present `ca.listenerIdentity()`. */
  present(): Promise<void>;
}

export interface Capabilities {
  /** What follows the commits. */
  feed: Feed;
  audit: { routes: Route[] };
  identity: Identity;
  ca: Ca;
  acme: Acme;
}

export async function createCapabilities(deps: CapabilityDeps, config: Config): Promise<Capabilities> {
  // The ledger comes first, so that it records what the others do while they start.
  const audit = createAudit({ ...deps, headKey: deps.keyStore.derive('audit-head') });
  const feed = createFeed({ ...deps, lastSeq: audit.lastSeq });
  const identity = await createIdentity({ ...deps, feed }, config.identity);
  const urls = { pki: deps.urls.pki, acmeDirectory: `${deps.urls.control}/acme/directory` };
  const ca = await createCa({ ...deps, feed, urls, owners: identity.owners }, config.ca);
  const { certificates } = ca;
  const acme = await createAcme(
    {
      ...deps,
      feed,
      certificates,
      owners: identity.owners,
      url: deps.urls.control,
      port: deps.controlPort,
    },
    { ...config.acme, maxLifetime: lifetimeOf(config), ownNames: ca.serverCertificate().names },
  );
  return { feed, audit, identity, ca, acme };
}

/**
 * The longest life of what ACME orders. Throws `config_invalid` when its profile does not exist, or is not for servers: its
 * certificates would lack the names that were ordered (RFC 8555 §7.4).
 */
function lifetimeOf({ acme, ca }: Config): number {
  const profiles = new Map(Object.entries(ca.profiles));
  const profile = profiles.get(acme.profile);
  if (profile?.purposes.includes('server')) return profile.maxLifetime;
  const forServers = [...profiles].filter(([, { purposes }]) => purposes.includes('server'));
  const problem = profile
    ? `the profile ${acme.profile} is for clients alone, and its certificates lack the names that were ordered`
    : `there is no profile ${acme.profile}`;
  throw new GatehouseError(
    'config_invalid',
    `Setting acme.profile is not valid: ${problem}; ${adviceOf(forServers.map(([name]) => name))}.`,
  );
}

function adviceOf(forServers: readonly string[]): string {
  if (forServers.length === 0) return 'give a profile of ca.profiles the purpose server, and name it here';
  return `name a profile for servers: ${forServers.join(', ')}`;
}
