// Identity: users, API keys, services, sign-in and access tokens.
import type { Clock, Principal, TokenTrust } from '@gatehouse/access';
import type { KeyringCapability } from '../keyring/index.ts';
import type { Capability, CapabilityDeps, CapabilityKind } from '../platform/capability.ts';
import type { Database } from '../platform/database.ts';
import type { Events } from '../platform/events.ts';
import type { Feed, Projection } from '../platform/feed.ts';
import type { Call, Route } from '../platform/http/route.ts';
import type { Job } from '../platform/jobs.ts';
import type { Log } from '../platform/log.ts';
import type { RefusalCounter } from '../platform/refusal-counter.ts';
import { createShortLived } from '../platform/short-lived.ts';
import type { TokenNames } from './access-token.ts';
import { createTokenIssuer } from './access-token.ts';
import { initialPasswordIn } from './initial-password.ts';
import type { KeyUse } from './keys.ts';
import { createKeys } from './keys.ts';
import { accountRoutes } from './pages/account-routes.ts';
import { gatewayHostIn, gatewayRoutes } from './pages/gateway-routes.ts';
import { pageErrors } from './pages/page-errors.ts';
import { createPageRoute } from './pages/page-route.ts';
import { passkeyRoutes } from './pages/passkey-routes.ts';
import { signInRoutes } from './pages/sign-in-routes.ts';
import type { Challenge } from './passkeys/passkeys.ts';
import { createPasskeys, endPasskeysWithUser } from './passkeys/passkeys.ts';
import { createPasswordHasher } from './password-hash.ts';
import { identityRoutes } from './routes.ts';
import type { IdentitySections } from './sections.ts';
import { createIdentitySections } from './sections.ts';
import type { Owners } from './services.ts';
import { createServices } from './services.ts';
import type { GatewaySignIn } from './sessions/gateway-sign-in.ts';
import { createGatewaySignIn } from './sessions/gateway-sign-in.ts';
import { createLastSeen } from './sessions/last-seen.ts';
import { principalOfSession } from './sessions/session-principal.ts';
import { createSessionSections, sweepSessions } from './sessions/session-sections.ts';
import type { Sessions } from './sessions/sessions.ts';
import { createSessions, endWithUser } from './sessions/sessions.ts';
import type { IdentitySettings } from './settings.ts';
import { identitySettings } from './settings.ts';
import { createSignInSteps } from './sign-in-steps.ts';
import { identityMigrations } from './store/migrations.ts';
import { createPasskeyQueries } from './store/passkey-queries.ts';
import { createSessionQueries } from './store/session-queries.ts';
import { createIdentityStore } from './store/store.ts';
import type { InitialPassword } from './users.ts';
import { createUsers } from './users.ts';

export type { TokenNames } from './access-token.ts';
export { initialPasswordFile } from './initial-password.ts';
export type { KeyUse } from './keys.ts';
export type { IdentitySections } from './sections.ts';
export type { Owners } from './services.ts';
export { requireSameOrigin } from './sessions/same-origin.ts';
export type { Session, Sessions } from './sessions/sessions.ts';
export { ADMINISTRATOR } from './users.ts';
export type {
  CreatedKeyView,
  KeyView,
  RotatedKeyView,
  ServiceView,
  ServiceWithKeysView,
  SignedIn,
  UserView,
} from './views.ts';

export interface IdentityDeps {
  database: Database;
  events: Events;
  keyring: Pick<KeyringCapability, 'use'>;
  clock: Clock;
  feed: Feed;
  log: Log;
  refusals: Pick<RefusalCounter, 'count'>;
  initialPassword: InitialPassword;
  /** Of the access tokens. */
  names: TokenNames;
  /** Of the gateway, without a slash at the end. */
  gatewayUrl: string;
}

export interface Identity extends Capability {
  routes: Route[];
  projections: Projection[];
  jobs: Job[];
  /** Of people in browsers. */
  sessions: Sessions;
  gatewaySignIn: GatewaySignIn;
  /** The caller of a request with the cookie of a session. Throws `forbidden` for the form of another site. */
  sessionPrincipal(call: Pick<Call, 'method' | 'header'>): Principal | undefined;
  /** Finds the owners of client certificates. */
  owners: Owners;
  sections: IdentitySections;
  /** The issuer and keys of tokens that are accepted for `audience`. */
  trust(names: { issuer: string; audience: string }): TokenTrust;
  noteKeyUse(use: KeyUse): Promise<void>;
  counts(): Promise<{ users: number; keys: number }>;
}

export const identityCapability: CapabilityKind<
  'identity',
  typeof identitySettings,
  CapabilityDeps & { keyring: KeyringCapability },
  Identity
> = {
  name: 'identity',
  migrations: identityMigrations,
  settings: identitySettings,
  create({ folder, urls, ...deps }, settings) {
    const names = { issuer: urls.control, audience: [urls.gateway, urls.control] };
    return createIdentity(
      { ...deps, names, gatewayUrl: urls.gateway, initialPassword: initialPasswordIn(folder) },
      settings,
    );
  },
};

/** Each is good for minutes. Beyond this, the oldest are dropped. */
const CHALLENGES_STORED = 10_000;

async function createIdentity(deps: IdentityDeps, settings: IdentitySettings): Promise<Identity> {
  const { database, events, keyring, clock, log, refusals, initialPassword, names } = deps;
  const store = createIdentityStore(database);
  const hasher = createPasswordHasher(settings, (address) =>
    refusals.count({ type: 'identity.sign_in_refused', subject: null, address }),
  );
  const { passwordMinLength, tokenLifetime } = settings;
  const users = createUsers({ database, store, events, hasher, clock, passwordMinLength, initialPassword });
  const services = createServices({ database, store, events, clock });
  const keys = createKeys({ database, store, events, clock, services });
  const signingKeys = await keyring.use({
    name: 'access-token',
    firstSecret: 'identity/token-signing-key',
    lifetimeSeconds: tokenLifetime,
  });
  const tokens = createTokenIssuer(signingKeys, tokenLifetime, clock);

  const sections = createIdentitySections(database, store);
  const { sessions, gatewaySignIn, ...sessionParts } = openSessions(deps, {
    settings,
    users: sections.users,
  });
  const steps = createSignInSteps({ users, database, events });
  const pageRoute = createPageRoute({ origin: names.issuer, errors: pageErrors(log) });
  const passkeys = createPasskeys({
    ...deps,
    store: createPasskeyQueries(),
    users: sections.users.entries,
    challenges: createShortLived<Challenge>({ limit: CHALLENGES_STORED, clock }),
    origin: names.issuer,
  });
  const hostOf = (next: string) => gatewayHostIn(next, gatewaySignIn);
  const account = { pageRoute, sessions, passkeys, users, userFacts: sections.users.entries, clock };

  return {
    routes: [
      ...identityRoutes({ users, keys, services, tokens, signingKeys, database, events, clock, names }),
      ...signInRoutes({ pageRoute, sessions, steps, hostOf }),
      ...accountRoutes(account),
      ...passkeyRoutes(account),
      ...gatewayRoutes({ pageRoute, sessions, gateway: gatewaySignIn }),
    ],
    projections: [sessionParts.sections.control],
    jobs: [sessionParts.sweep],
    sessions,
    gatewaySignIn,
    sessionPrincipal: (call) =>
      principalOfSession({ sessions, users: sections.users.entries, origin: names.issuer }, call),
    owners: services,
    sections: { ...sections, sessions: sessionParts.sections.gateway },
    trust: (names) => ({ jwks: signingKeys.keySet, ...names }),
    open: () => users.createAdministrator(),
    noteKeyUse: (use) => keys.noteUse(use),
    counts: async () => ({
      users: await store.countUsers(database.read),
      keys: await store.countKeys(database.read),
    }),
  };
}

function openSessions(
  { database, events, clock, feed, gatewayUrl }: IdentityDeps,
  { settings, users }: { settings: IdentitySettings; users: IdentitySections['users'] },
) {
  const store = createSessionQueries();
  const sections = createSessionSections(database, store);
  const lastSeen = createLastSeen(settings.sessionIdle, clock);
  const entries = sections.control.entries;
  const sessions = createSessions({
    database,
    store,
    events,
    clock,
    entries,
    users: users.entries,
    lastSeen,
    limits: settings,
  });
  const gatewaySignIn = createGatewaySignIn({
    sessions,
    store,
    database,
    clock,
    sections: () => feed.sections,
    gatewayUrl,
  });
  endWithUser(events, store);
  endPasskeysWithUser(events, createPasskeyQueries());
  const sweep = sweepSessions({ database, store, feed, sections, lastSeen, now: clock.now });
  return { sessions, gatewaySignIn, sections, sweep };
}
