// The ACME server: all of RFC 8555, tls-alpn-01 (RFC 8737), IP identifiers (RFC 8738) and renewal information
// (RFC 9773).
import { randomBytes } from 'node:crypto';
import type { Clock } from '../platform/clock.ts';
import type { Database, Tx } from '../platform/database.ts';
import type { Events } from '../platform/events.ts';
import type { Feed } from '../platform/feed.ts';
import type { Route } from '../platform/http/route.ts';
import type { Job } from '../platform/jobs.ts';
import type { KeyStore } from '../platform/key-store.ts';
import type { Log } from '../platform/log.ts';
import { createAccountCache } from './account/account-cache.ts';
import { createAccounts } from './account/accounts.ts';
import { createActiveAccounts } from './account/active-accounts.ts';
import { createExternalAccounts } from './account/external-account.ts';
import { followRemovals } from './account/owner-removal.ts';
import { acmeAdminRoutes } from './admin-routes.ts';
import { createIds } from './ids.ts';
import { RETENTION_MS } from './limits.ts';
import { createAuthorizations } from './order/authorizations.ts';
import { limitFutureDates } from './order/future-dates.ts';
import { createNamePolicy } from './order/identifiers.ts';
import { createOrders } from './order/orders.ts';
import { createGate } from './request/gate.ts';
import { createNonces } from './request/nonces.ts';
import { createReplies } from './request/reply.ts';
import { acmeRoutes } from './routes.ts';
import type { AcmeStore } from './store/store.ts';
import { createAcmeStore } from './store/store.ts';
import type { AcmeCertificates, Owners } from './types.ts';
import { createUrls } from './urls.ts';
import { createNetworks } from './validation/networks.ts';
import { createResolver } from './validation/resolver.ts';
import { createValidations } from './validation/validations.ts';
import { createValidator } from './validation/validator.ts';

export type { AcmeAccountEntry, AcmeOrderEntry, CreatedEabKeyView, EabKeyView } from './admin-routes.ts';
export { acmeMigrations } from './store/migrations.ts';

export interface AcmeSettings {
  /** CIDRs. */
  networks: readonly string[];
  names: readonly string[];
  httpPort: number;
  tlsPort: number;
  /** Addresses, perhaps with ports, separated by commas; undefined for the system's servers. */
  resolver?: string | undefined;
  requireEab: boolean;
  /** The profile that certificates are signed under, and the longest life it has, in seconds. */
  profile: string;
  maxLifetime: number;
  /** The names of our own certificate. Clients may use them, and can order them only if `names` lists them. */
  ownNames: readonly string[];
  /** New accounts from one address, beyond its first hundred. */
  accountsPerHour: number;
  /** Of one account, at most. */
  pendingAuthorizations: number;
}

export interface AcmeDeps {
  database: Database;
  events: Events;
  keyStore: KeyStore;
  clock: Clock;
  log: Log;
  certificates: AcmeCertificates;
  owners: Owners;
  /** The public URL of the control listener, without a slash at the end. */
  url: string;
  /** Where the control listener listens. */
  port: number;
  feed: Feed;
}

export interface Acme {
  /** On the control listener; anyone may call them. */
  routes: Route[];
  adminRoutes: Route[];
  jobs: Job[];
  /** Resumes validations that were under way when the last process ended. Call it when the listeners run. */
  resume(): Promise<void>;
  /** Stops what is under way. */
  close(): Promise<void>;
}

const PRUNE_INTERVAL_SECONDS = 3600;
const REMOVED_AT_ONCE = 1000;

/** Throws `config_invalid`. */
export async function createAcme(deps: AcmeDeps, settings: AcmeSettings): Promise<Acme> {
  const { database, clock, feed } = deps;
  const store = createAcmeStore(database);
  const nonces = createNonces(randomBytes);
  const networks = createNetworks(settings.networks);
  const names = createNamePolicy(settings.names, settings.ownNames);
  const urls = createUrls({ origin: deps.url, port: deps.port, ownNames: settings.ownNames });
  const accountCache = createAccountCache({ database, store });
  await feed.project(accountCache);
  const activeAccounts = createActiveAccounts({ ...deps, store });
  const shared = {
    ...deps,
    store,
    accountCache,
    activeAccounts,
    nonces,
    ids: createIds({ clock, randomBytes }),
    randomBytes,
  };
  const externalAccounts = createExternalAccounts(shared);
  followRemovals({ ...shared, externalAccounts });
  const resolver = createResolver(settings.resolver);
  const validator = createValidator({ resolver, networks }, settings);
  const validations = createValidations({ ...shared, validator });
  const authorizations = createAuthorizations(shared, settings);
  return {
    routes: acmeRoutes({
      ...shared,
      urls,
      validations,
      gate: createGate(shared, urls),
      replies: createReplies(shared, urls),
      accounts: createAccounts({ ...shared, externalAccounts }, settings),
      authorizations,
      orders: createOrders({ ...shared, authorizations }, { ...settings, names, networks }),
      allowed: { names, networks },
      requireEab: settings.requireEab,
    }),
    adminRoutes: acmeAdminRoutes({ ...shared, externalAccounts }),
    jobs: [
      {
        name: 'remove old ACME orders',
        intervalSeconds: PRUNE_INTERVAL_SECONDS,
        run: () => removeOld(shared),
      },
      {
        name: 'limit the dates of ACME orders from when the clock was ahead',
        intervalSeconds: PRUNE_INTERVAL_SECONDS,
        run: () => limitFutureDates(shared),
      },
    ],
    async resume() {
      // The job tries it again.
      await limitFutureDates(shared).catch((error) =>
        deps.log.error({ err: error }, 'dates from when the clock was ahead are still in force'),
      );
      await validations.resume();
    },
    close: () => validations.close(),
  };
}

/** Removes a part at a time, so that other acts have turns in between. */
async function removeOld({ database, store, clock }: { database: Database; store: AcmeStore; clock: Clock }) {
  const now = clock.now();
  const old = { madeBefore: now - RETENTION_MS, limit: REMOVED_AT_ONCE };
  const remove = async (part: (tx: Tx) => Promise<number>) => {
    while ((await database.write(part)) === REMOVED_AT_ONCE);
  };
  await remove((tx) => store.deleteOrders(tx, { ...old, now }));
  await remove((tx) => store.deleteAuthorizations(tx, old));
}
