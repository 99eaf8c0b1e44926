// The parts of identity for people in browsers: sessions, passkeys, the pages, and sign-in at the gateway.
import type { Clock, Principal, SessionFacts, UserFacts } from '@gatehouse/access';
import type { Events } from '../platform/feed/events.ts';
import type { Feed, Projection, Section } from '../platform/feed/feed.ts';
import type { Call, Route } from '../platform/http/route.ts';
import type { Job } from '../platform/jobs/jobs.ts';
import type { KeyStore } from '../platform/keys/key-store.ts';
import { createSealing } from '../platform/keys/row-sealing.ts';
import type { RefusalCounter } from '../platform/ledger/refusal-counter.ts';
import type { RepeatedEvents } from '../platform/ledger/repeated-events.ts';
import type { Log } from '../platform/log/log.ts';
import { createShortLivedStore } from '../platform/short-lived/short-lived-store.ts';
import type { Database } from '../platform/store/database.ts';
import type { Factors } from './factors/factors.ts';
import { endWithFactor } from './factors/sessions-of-factor.ts';
import { accountRoutes } from './pages/account-routes.ts';
import { appPasswordRoutes } from './pages/app-password-routes.ts';
import { factorPages } from './pages/factor-pages.ts';
import { gatewayHostIn, gatewayRoutes } from './pages/gateway-routes.ts';
import { pageErrors } from './pages/page-errors.ts';
import { createPageRoute } from './pages/page-route.ts';
import { passkeyRoutes } from './pages/passkey-routes.ts';
import { resetRoutes } from './pages/reset-routes.ts';
import { scriptRoutes } from './pages/scripts.ts';
import { signInPages } from './pages/sign-in-pages.ts';
import type { Challenge, Passkeys } from './passkeys/passkeys.ts';
import { createPasskeys, endPasskeysWithUser } from './passkeys/passkeys.ts';
import type { DigestPasswords } from './passwords/digest-passwords.ts';
import type { PasswordResets } from './passwords/password-resets.ts';
import type { Links } from './providers/links.ts';
import type { ProvidersSettings } from './providers/providers.ts';
import { createProviders } from './providers/providers.ts';
import type { GatewayCode, GatewaySignIn } from './sessions/gateway-sign-in.ts';
import { createGatewaySignIn } from './sessions/gateway-sign-in.ts';
import { createLastSeen } from './sessions/last-seen.ts';
import { principalOfSession } from './sessions/session-principal.ts';
import { sessionRoutes } from './sessions/session-routes.ts';
import { createSessionSections, sweepSessions } from './sessions/session-sections.ts';
import type { Sessions } from './sessions/sessions.ts';
import { createSessions, endWithUser } from './sessions/sessions.ts';
import type { Authentication } from './sign-in/authentication.ts';
import type { SignIns } from './sign-in/sign-ins.ts';
import { createPasskeyQueries } from './store/passkey-queries.ts';
import { createSessionQueries } from './store/session-queries.ts';
import type { IdentityStore } from './store/store.ts';
import type { Users } from './users/users.ts';

export interface BrowserDeps {
  database: Database;
  events: Events;
  clock: Clock;
  feed: Feed;
  log: Log;
  refusals: Pick<RefusalCounter, 'count'>;
  repeated: Pick<RepeatedEvents, 'record'>;
  environment: NodeJS.ProcessEnv;
  keyStore: Pick<KeyStore, 'derive'>;
  authentication: Authentication;
  users: Users;
  factors: Factors;
  digestPasswords: DigestPasswords;
  resets: PasswordResets;
  signIns: Pick<SignIns, 'endWhere'>;
  /** The store of second factors. */
  store: Pick<IdentityStore, 'totp'>;
  /** By name. */
  userFacts: ReadonlyMap<string, UserFacts>;
  /** The URL of the control listener, without a slash at the end. */
  origin: string;
  gatewayUrl: string;
}

export interface BrowserSettings extends ProvidersSettings {
  sessionIdle: number;
}

export interface Browsers {
  sessions: Sessions;
  gatewaySignIn: GatewaySignIn;
  /** The caller of a request with a session cookie. Throws `forbidden` for a request from another site. */
  sessionPrincipal(call: Pick<Call, 'method' | 'header'>): Principal | undefined;
  routes: Route[];
  projections: Projection[];
  /** The sessions at the gateway. */
  section: Section<SessionFacts>;
  jobs: Job[];
  /** With sign-in providers. */
  links: Links;
  passkeys: Passkeys;
}

const CODES_OF_USER = 32;
/** For one user, or for all users who sign in from one address. */
const CHALLENGES_OF_OWNER = 256;

export function createBrowsers(deps: BrowserDeps, settings: BrowserSettings): Browsers {
  const { database, events, clock, feed, log, userFacts, origin } = deps;
  const store = createSessionQueries();
  const passkeyStore = createPasskeyQueries();
  const sections = createSessionSections(database, store);
  const lastSeen = createLastSeen(settings.sessionIdle, clock);
  const sessions = createSessions({
    ...deps,
    store,
    lastSeen,
    sealing: createSealing(deps.keyStore.derive('identity/id-tokens')),
    entries: sections.control.entries,
    settings,
  });
  const gatewaySignIn = createGatewaySignIn({
    ...deps,
    sessions,
    store,
    codes: createShortLivedStore<GatewayCode>(clock, { perOwner: CODES_OF_USER }),
    sections: () => feed.sections,
  });
  const challenges = createShortLivedStore<Challenge>(clock, { perOwner: CHALLENGES_OF_OWNER });
  const passkeys = createPasskeys({ ...deps, store: passkeyStore, challenges, sessions });
  endWithUser(events, store);
  endPasskeysWithUser(events, passkeyStore);
  endWithFactor({ ...deps, sessions, passkeys: passkeyStore });

  const pageRoute = createPageRoute({ origin, errors: pageErrors(log) });
  const hostOf = (next: string) => gatewayHostIn(next, gatewaySignIn);
  const providers = createProviders({ ...deps, sessions, passkeys, pageRoute, hostOf }, settings);
  const { offered, links, signOuts } = providers;
  const { digestPasswords: appPasswords } = deps;
  const account = { ...deps, pageRoute, sessions, passkeys, appPasswords, providers: offered, links };
  return {
    sessions,
    gatewaySignIn,
    sessionPrincipal: (call) => principalOfSession({ sessions, users: userFacts, origin }, call),
    routes: [
      ...signInPages({ ...account, hostOf, signOuts }),
      ...gatewayRoutes({ ...account, gateway: gatewaySignIn }),
      ...resetRoutes(account),
      ...accountRoutes(account),
      ...factorPages(account),
      ...appPasswordRoutes(account),
      ...passkeyRoutes(account),
      ...scriptRoutes(),
      ...sessionRoutes(sessions),
      ...providers.routes,
    ],
    projections: [sections.control],
    section: sections.gateway,
    links,
    passkeys,
    jobs: [sweepSessions({ database, store, events, lastSeen, now: clock.now })],
  };
}
