// Identity: users and their groups and factors, API keys, services, sign-in and access tokens.
import { randomBytes } from 'node:crypto';
import type { Clock, DigestFacts, TokenTrust } from '@gatehouse/access';
import type { KeyringCapability, SigningKeys } from '../keyring/index.ts';
import type { Capability, CapabilityDeps, CapabilityKind } from '../platform/capability.ts';
import type { Events } from '../platform/feed/events.ts';
import type { Feed, Projection, Section } from '../platform/feed/feed.ts';
import type { Route } from '../platform/http/route.ts';
import type { Job } from '../platform/jobs/jobs.ts';
import type { KeyStore } from '../platform/keys/key-store.ts';
import type { KnownRoles, RoleWarnings } from '../platform/known-roles.ts';
import type { RefusalCounter } from '../platform/ledger/refusal-counter.ts';
import type { RepeatedEvents } from '../platform/ledger/repeated-events.ts';
import type { Log } from '../platform/log/log.ts';
import { createShortLivedStore } from '../platform/short-lived/short-lived-store.ts';
import type { Database } from '../platform/store/database.ts';
import type { TokenNames } from './access-token.ts';
import { createTokenIssuer } from './access-token.ts';
import type { Browsers } from './browsers.ts';
import { createBrowsers } from './browsers.ts';
import type { Factors } from './factors/factors.ts';
import { createFactors } from './factors/factors.ts';
import { createGroups } from './groups/groups.ts';
import type { KeyUse } from './keys/keys.ts';
import { createKeys } from './keys/keys.ts';
import { createCommonPasswords } from './passwords/common-passwords.ts';
import { createDigestPasswords } from './passwords/digest-passwords.ts';
import { createDigestSection } from './passwords/digest-section.ts';
import { createHashThreads } from './passwords/hash-threads.ts';
import { initialPasswordIn } from './passwords/initial-password.ts';
import { createPasswordHasher } from './passwords/password-hash.ts';
import type { PasswordResets } from './passwords/password-resets.ts';
import { createPasswordResets } from './passwords/password-resets.ts';
import { createPasswordRules } from './passwords/password-rules.ts';
import { roleWarnings } from './role-warnings.ts';
import { identityRoutes } from './routes.ts';
import type { IdentitySections } from './sections.ts';
import { createIdentitySections } from './sections.ts';
import type { Owners } from './services/services.ts';
import { createServices } from './services/services.ts';
import type { GatewaySignIn } from './sessions/gateway-sign-in.ts';
import type { Sessions } from './sessions/sessions.ts';
import type { IdentitySettings } from './settings.ts';
import { identitySettings } from './settings.ts';
import type { Authentication, PendingSignIn } from './sign-in/authentication.ts';
import { createAuthentication } from './sign-in/authentication.ts';
import { CODE_RATES, createFailureLimits, PASSWORD_RATES } from './sign-in/failure-limits.ts';
import { openFailureMemory } from './sign-in/failure-memory.ts';
import type { SignIns } from './sign-in/sign-ins.ts';
import { createSignIns } from './sign-in/sign-ins.ts';
import { identityMigrations } from './store/migrations.ts';
import type { IdentityStore } from './store/store.ts';
import { createIdentityStore } from './store/store.ts';
import { createAdministrators } from './users/administrators.ts';
import type { AttributeWarnings } from './users/attributes.ts';
import { endUserData } from './users/user-data.ts';
import type { InitialPassword, Users } from './users/users.ts';
import { createUsers } from './users/users.ts';

export type { TokenNames } from './access-token.ts';
export type { AddedKeyView, CreatedKeyView, KeyView, RotatedKeyView } from './keys/key-views.ts';
export type { KeyUse } from './keys/keys.ts';
export { newState, principalName, roleNames, scopeNames } from './names.ts';
export { pageErrors } from './pages/page-errors.ts';
export { SCRIPTS } from './pages/scripts.ts';
export { initialPasswordFile } from './passwords/initial-password.ts';
export type { IdentitySections } from './sections.ts';
export type { Owners } from './services/services.ts';
export { requireSameOrigin } from './sessions/same-origin.ts';
export type { SessionView } from './sessions/session-routes.ts';
export type { Session, Sessions } from './sessions/sessions.ts';
export { identityChecks } from './settings-checks.ts';
export type {
  Authenticated,
  Authentication,
  FactorRequired,
  SignInClient,
} from './sign-in/authentication.ts';
export { ADMINISTRATOR } from './users/users.ts';
export type {
  ChangedGroupView,
  ChangedServiceView,
  ChangedUserView,
  CreatedServiceView,
  DigestPasswordView,
  EnrolledTotpView,
  FactorRequiredView,
  GroupView,
  GroupWithMembersView,
  PasswordResetView,
  RecoveryCodesView,
  ServiceView,
  ServiceWithKeysView,
  SignedIn,
  TotpKeyView,
  UserDetailsView,
  UserView,
} from './views.ts';

export interface IdentityDeps {
  database: Database;
  events: Events;
  keyStore: KeyStore;
  keyring: Pick<KeyringCapability, 'use'>;
  clock: Clock;
  feed: Feed;
  log: Log;
  refusals: Pick<RefusalCounter, 'count'>;
  roles: Pick<KnownRoles, 'names' | 'including'>;
  repeated: Pick<RepeatedEvents, 'record'>;
  initialPassword: InitialPassword;
  environment: NodeJS.ProcessEnv;
  /** The issuer of the access tokens. */
  names: TokenNames;
  /** The URL of the gateway, without a slash at the end. */
  gatewayUrl: string;
}

export interface Identity extends Capability {
  routes: Route[];
  projections: Projection[];
  /** The sessions of people in browsers. */
  sessions: Sessions;
  gatewaySignIn: GatewaySignIn;
  /** The caller of a request with a session cookie. Throws `forbidden` for a request from another site. */
  sessionPrincipal: Browsers['sessionPrincipal'];
  users: Users;
  /** TOTP and recovery codes. */
  factors: Factors;
  /** Authenticates people, also for the sign-in pages. */
  authentication: Authentication;
  /** Gives tokens to people who have signed in. */
  signIns: SignIns;
  /** Finds the owners of client certificates. */
  owners: Owners;
  roleWarnings: RoleWarnings;
  /** Sets the source of warnings in answers to changes of attributes. */
  warnAboutAttributes(warnings: AttributeWarnings): void;
  sections: IdentitySections & { digests: Section<DigestFacts> };
  /** The issuer and keys of tokens that are accepted for `audience`. */
  trust(names: { issuer: string; audience: string }): TokenTrust;
  /** The signer of access tokens, and their lifetime. */
  tokenSigning: { keys: SigningKeys; lifetimeSeconds: number };
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

async function createIdentity(deps: IdentityDeps, settings: IdentitySettings): Promise<Identity> {
  const { database, events, keyring, clock, feed, roles, names } = deps;
  const store = createIdentityStore(database);
  const stored = { ...deps, store, randomBytes };
  const people = createPeople({ ...deps, store }, settings);
  const { users } = people;
  const digestPasswords = createDigestPasswords(stored);
  const services = createServices(stored);
  const keys = createKeys({ ...stored, services });
  const signingKeys = await keyring.use({
    name: 'access-token',
    firstSecret: 'identity/token-signing-key',
    lifetimeSeconds: settings.tokenLifetime,
  });
  const tokens = createTokenIssuer(signingKeys, settings.tokenLifetime, clock);
  const limited = { clock, memory: await openFailureMemory({ ...deps, store }) };
  const confirmations = createFailureLimits(CODE_RATES, { name: 'confirmations', what: 'codes' }, limited);
  const factors = createFactors({ ...stored, confirmations });
  const authentication = createAuthentication({
    ...stored,
    users,
    factors,
    pending: createShortLivedStore<PendingSignIn>(clock, { perOwner: PENDING_OF_USER }),
    limits: {
      passwords: createFailureLimits(PASSWORD_RATES, { name: 'passwords', what: 'passwords' }, limited),
      codes: createFailureLimits(CODE_RATES, { name: 'codes', what: 'codes' }, limited),
    },
  });
  const signIns = createSignIns(
    { ...stored, users, tokens, authentication },
    {
      accessSeconds: settings.tokenLifetime,
      idleSeconds: settings.refreshIdle,
      lifetimeSeconds: settings.refreshLifetime,
    },
  );
  const resets = createPasswordResets({ ...stored, users }, settings.resetLifetime);
  endUserData({ store, events, factors });
  const sections = {
    ...createIdentitySections(database, store, clock),
    digests: createDigestSection(database, store, digestPasswords),
  };
  let attributeWarnings: AttributeWarnings = async () => [];
  const warningsFor = (given: readonly string[]) => roleWarnings(given, roles.names());
  const parts = { ...people, keys, services, factors, digestPasswords, resets, authentication, signIns };
  const userFacts = sections.users.entries;
  const browsers = createBrowsers({ ...deps, ...parts, store, userFacts, origin: names.issuer }, settings);

  return {
    routes: [
      ...identityRoutes({
        ...parts,
        signingKeys,
        clock,
        names,
        warningsFor,
        attributeWarnings: (attributes) => attributeWarnings(attributes),
        links: browsers.links,
        passkeys: browsers.passkeys,
      }),
      ...browsers.routes,
    ],
    projections: browsers.projections,
    jobs: [pruning({ signIns, resets, feed, sections, clock }), ...browsers.jobs],
    sessions: browsers.sessions,
    gatewaySignIn: browsers.gatewaySignIn,
    sessionPrincipal: browsers.sessionPrincipal,
    owners: services,
    roleWarnings: warningsFor,
    warnAboutAttributes(warnings) {
      attributeWarnings = warnings;
    },
    sections: { ...sections, sessions: browsers.section },
    tokenSigning: { keys: signingKeys, lifetimeSeconds: settings.tokenLifetime },
    users,
    factors,
    authentication,
    signIns,
    trust: (names) => ({ jwks: signingKeys.keySet, ...names }),
    open: () => users.createAdministrator(),
    noteKeyUse: (use) => keys.noteUse(use),
    counts: async () => ({
      users: await store.countUsers(database.read),
      keys: await store.countKeys(database.read),
    }),
  };
}

const PENDING_OF_USER = 8;

function createPeople(deps: IdentityDeps & { store: IdentityStore }, settings: IdentitySettings) {
  const { refusals } = deps;
  const { passwordMinLength: minLength, passwordMinLengthAlone: minLengthAlone } = settings;
  const refused = (address: string) =>
    refusals.count({ type: 'identity.sign_in_refused', subject: null, address });
  const hasher = createPasswordHasher({ argon2id: createHashThreads(), refused }, settings);
  const common = createCommonPasswords(minLength);
  const rules = createPasswordRules({ minLength, minLengthAlone, isCommon: common.has });
  const administrators = createAdministrators(deps);
  return {
    users: createUsers({ ...deps, hasher, rules, administrators }),
    groups: createGroups({ ...deps, administrators }),
  };
}

const PRUNING_SECONDS = 600;

/** Removes expired sign-ins and links. */
function pruning({
  signIns,
  resets,
  feed,
  sections,
  clock,
}: {
  signIns: SignIns;
  resets: PasswordResets;
  feed: Pick<Feed, 'alter'>;
  sections: Pick<IdentitySections, 'endedSignIns'>;
  clock: Clock;
}): Job {
  return {
    name: 'remove sign-ins that have ended',
    intervalSeconds: PRUNING_SECONDS,
    async run() {
      await signIns.prune();
      await resets.prune();
      await feed.alter(() => sections.endedSignIns.sweep(({ endsAt }) => endsAt < clock.now()));
    },
  };
}
