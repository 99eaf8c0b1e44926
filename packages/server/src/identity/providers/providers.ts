// The sign-in providers of the settings, and the acts of people and administrators with them. The server
// sends no request to a provider before the first sign-in, and loads openid-client only then.
import type { Clock, UserFacts } from '@gatehouse/access';
import type { Events } from '../../platform/feed/events.ts';
import type { Route } from '../../platform/http/route.ts';
import type { RefusalCounter } from '../../platform/ledger/refusal-counter.ts';
import type { RepeatedEvents } from '../../platform/ledger/repeated-events.ts';
import type { Log } from '../../platform/log/log.ts';
import { createShortLivedStore } from '../../platform/short-lived/short-lived-store.ts';
import type { Database } from '../../platform/store/database.ts';
import { readSystemRoots } from '../../platform/tls/system-roots.ts';
import type { Factors } from '../factors/factors.ts';
import type { PageRoute } from '../pages/page-route.ts';
import type { Passkeys } from '../passkeys/passkeys.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { Authentication } from '../sign-in/authentication.ts';
import { createLinkQueries } from '../store/link-queries.ts';
import type { Users } from '../users/users.ts';
import { linkAdminRoute } from './link-admin-route.ts';
import type { Links } from './links.ts';
import { createLinks, followLinks } from './links.ts';
import { logoutRoute } from './logout-route.ts';
import type { ProviderClient } from './provider-client.ts';
import { createProviderClient } from './provider-client.ts';
import { createProviderFetch } from './provider-fetch.ts';
import type { OfferedProvider } from './provider-pages.ts';
import { readProviderRoots } from './provider-roots.ts';
import { providerPath, providerRoutes } from './provider-routes.ts';
import { readSecret } from './provider-secret.ts';
import type { ProviderSettings } from './provider-settings.ts';
import { createProviderSignIn } from './provider-sign-in.ts';
import type { ProviderSignOuts } from './provider-sign-out.ts';
import { createProviderSignOuts, SIGNED_OUT, signedOutRoute } from './provider-sign-out.ts';
import type { Transaction } from './transactions.ts';
import { createTransactions } from './transactions.ts';

export interface Providers {
  /** In the order of the settings. */
  offered: readonly OfferedProvider[];
  links: Links;
  signOuts: ProviderSignOuts;
  routes: Route[];
}

export interface ProvidersDeps {
  database: Database;
  events: Events;
  clock: Clock;
  log: Log;
  refusals: Pick<RefusalCounter, 'count'>;
  repeated: Pick<RepeatedEvents, 'record'>;
  environment: NodeJS.ProcessEnv;
  users: Users;
  /** By name. */
  userFacts: ReadonlyMap<string, UserFacts>;
  sessions: Sessions;
  authentication: Authentication;
  passkeys: Pick<Passkeys, 'listOf'>;
  factors: Pick<Factors, 'status'>;
  pageRoute: PageRoute;
  /** The URL of the control listener, without a slash at the end. */
  origin: string;
  hostOf(next: string): string | undefined;
}

export interface ProvidersSettings {
  providers: readonly ProviderSettings[];
  sessionLifetime: number;
}

const TIMEOUT_MS = 10_000;
/** For all users who sign in from one address. */
const TRANSACTIONS_OF_OWNER = 256;
const LOGOUTS_OF_PROVIDER = 4096;

/** Throws `config_invalid` if a file or a variable of a provider cannot be used. */
export function createProviders(deps: ProvidersDeps, settings: ProvidersSettings): Providers {
  const { clock } = deps;
  const store = createLinkQueries();
  const links = createLinks({ ...deps, store });
  followLinks({ ...deps, store });
  const clients = clientsOf(deps, settings);
  const waiting = createShortLivedStore<Transaction>(clock, { perOwner: TRANSACTIONS_OF_OWNER });
  const signIn = createProviderSignIn({
    ...deps,
    clients,
    links,
    transactions: createTransactions(waiting, clock),
  });
  const offered = settings.providers.map(({ name, title = name }) => ({ name, title }));
  const seen = createShortLivedStore<true>(clock, { perOwner: LOGOUTS_OF_PROVIDER });
  return {
    offered,
    links,
    signOuts: createProviderSignOuts({ ...deps, clients }),
    routes: [
      ...providerRoutes({ ...deps, providers: offered, signIn, links }),
      logoutRoute({ ...deps, clients, seen }),
      signedOutRoute({ ...deps, providers: offered }),
      linkAdminRoute(links),
    ],
  };
}

function clientsOf(
  deps: ProvidersDeps,
  { providers, sessionLifetime }: ProvidersSettings,
): Map<string, ProviderClient> {
  return new Map(
    providers.map((provider) => {
      const { name } = provider;
      const secret = () => readSecret(provider, deps.environment);
      secret();
      const fetch = createProviderFetch({
        roots: rootsOf(provider, deps),
        userAgent: 'gatehouse',
        timeoutMs: TIMEOUT_MS,
      });
      const place = `${deps.origin}${providerPath(name)}`;
      const uris = { redirectUri: `${place}/callback`, signedOutUri: `${place}/${SIGNED_OUT}` };
      const about = { ...deps, ...uris, fetch, secret, maxAgeSeconds: sessionLifetime };
      return [name, createProviderClient(about, provider)];
    }),
  );
}

/** The roots of the system are read once, at the first use. */
function rootsOf({ name, ca }: ProviderSettings, { log }: ProvidersDeps): () => string {
  if (ca !== undefined) return () => readProviderRoots({ name, ca });
  let roots: string | undefined;
  return () => {
    roots ??= readSystemRoots(log);
    return roots;
  };
}
