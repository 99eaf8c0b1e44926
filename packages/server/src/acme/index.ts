// The ACME server: all of RFC 8555, tls-alpn-01 (RFC 8737), IP identifiers (RFC 8738) and renewal information
// (RFC 9773).
import { randomBytes } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import type { Ca } from '../ca/index.ts';
import type { Capability, CapabilityDeps, CapabilityKind } from '../platform/capability.ts';
import type { Events } from '../platform/feed/events.ts';
import type { Route } from '../platform/http/route.ts';
import type { Job } from '../platform/jobs/jobs.ts';
import type { KeyStore } from '../platform/keys/key-store.ts';
import type { Log } from '../platform/log/log.ts';
import type { Database, Tx } from '../platform/store/database.ts';
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
import { createOrderCounts } from './order/order-counts.ts';
import { createOrders } from './order/orders.ts';
import { maxLifetimeOf } from './ordered-profile.ts';
import { createGate } from './request/gate.ts';
import { createNonces } from './request/nonces.ts';
import { createReplies } from './request/reply.ts';
import { acmeRoutes } from './routes.ts';
import type { AcmeSettings } from './settings.ts';
import { acmeSettings } from './settings.ts';
import { acmeMigrations } from './store/migrations.ts';
import type { AcmeStore } from './store/store.ts';
import { createAcmeStore } from './store/store.ts';
import type { AcmeCertificates, Owners } from './types.ts';
import { createUrls } from './urls.ts';
import { createNetworks } from './validation/networks.ts';
import { createResolver } from './validation/resolver.ts';
import { createValidations } from './validation/validations.ts';
import { createValidator } from './validation/validator.ts';

export type { AcmeAccountEntry, AcmeOrderEntry, CreatedEabKeyView, EabKeyView } from './admin-routes.ts';
export type { AcmeSettings } from './settings.ts';
export { acmeChecks } from './settings-checks.ts';

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
}

export interface Acme extends Capability {
  routes: Route[];
  jobs: Job[];
  /** Resumes the validations that the last process did not finish. */
  start(): Promise<void>;
  /** Stops the running validations. */
  close(): Promise<void>;
}

type AcmeNeeds = CapabilityDeps & {
  identity: Pick<AcmeDeps, 'owners'>;
  ca: Pick<Ca, 'certificates' | 'profiles' | 'serverCertificate'>;
};

export const acmeCapability: CapabilityKind<'acme', typeof acmeSettings, AcmeNeeds, Acme> = {
  name: 'acme',
  migrations: acmeMigrations,
  settings: acmeSettings,
  create({ identity, ca, ...deps }, settings) {
    const { owners } = identity;
    const { certificates, profiles } = ca;
    return createAcme(
      { ...deps, certificates, owners, url: deps.urls.control, port: deps.controlPort },
      {
        ...settings,
        maxLifetime: maxLifetimeOf(settings.profile, profiles),
        ownNames: ca.serverCertificate().names,
      },
    );
  },
};

const PRUNE_INTERVAL_SECONDS = 3600;
const REMOVED_AT_ONCE = 1000;

/** Throws `config_invalid`. */
export function createAcme(deps: AcmeDeps, settings: AcmeSettings): Acme {
  const { database, clock } = deps;
  const store = createAcmeStore(database);
  const nonces = createNonces(randomBytes);
  const networks = createNetworks(settings.networks);
  const names = createNamePolicy(settings.names, settings.ownNames);
  const urls = createUrls({ origin: deps.url, port: deps.port, ownNames: settings.ownNames });
  const accountCache = createAccountCache({ database, store });
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
  const counts = createOrderCounts();
  const externalAccounts = createExternalAccounts(shared);
  followRemovals({ ...shared, externalAccounts });
  const resolver = createResolver(settings.resolver);
  const validator = createValidator({ resolver, networks }, settings);
  const validations = createValidations({ ...shared, validator });
  const authorizations = createAuthorizations(shared, settings);
  return {
    routes: [
      ...acmeRoutes({
        ...shared,
        urls,
        validations,
        gate: createGate(shared, urls),
        replies: createReplies(shared, urls),
        accounts: createAccounts({ ...shared, externalAccounts }, settings),
        authorizations,
        orders: createOrders(
          { ...shared, authorizations, created: counts.created },
          { ...settings, names, networks },
        ),
        allowed: { names, networks },
        requireEab: settings.requireEab,
      }),
      ...acmeAdminRoutes({ ...shared, externalAccounts }),
    ],
    projections: [accountCache, counts.projection],
    metrics: [counts.metric],
    jobs: [
      {
        name: 'remove old ACME orders',
        intervalSeconds: PRUNE_INTERVAL_SECONDS,
        run: () => removeOld(shared),
      },
      {
        name: 'limit the dates of ACME orders that were made while the clock was ahead',
        intervalSeconds: PRUNE_INTERVAL_SECONDS,
        run: () => limitFutureDates(shared),
      },
    ],
    async start() {
      // The job tries it again.
      await limitFutureDates(shared).catch((error) => deps.log.event('acme.dates_in_force', { error }));
      await validations.resume();
    },
    close: () => validations.close(),
  };
}

/** Removes some rows at a time, so that other acts can run in between. */
async function removeOld({ database, store, clock }: { database: Database; store: AcmeStore; clock: Clock }) {
  const now = clock.now();
  const old = { madeBefore: now - RETENTION_MS, limit: REMOVED_AT_ONCE };
  const remove = async (part: (tx: Tx) => Promise<number>) => {
    while ((await database.write(part)) === REMOVED_AT_ONCE);
  };
  await remove((tx) => store.deleteOrders(tx, { ...old, now }));
  await remove((tx) => store.deleteAuthorizations(tx, old));
}
