// Identity: users, API keys, services, sign-in and access tokens.
import type { Clock, DigestFacts, TokenTrust } from '@gatehouse/access';
import type { KeyringCapability } from '../keyring/index.ts';
import type { Capability, CapabilityDeps, CapabilityKind } from '../platform/capability.ts';
import type { Database } from '../platform/database.ts';
import type { Events } from '../platform/events.ts';
import type { Section } from '../platform/feed.ts';
import type { Route } from '../platform/http/route.ts';
import type { KeyStore } from '../platform/key-store.ts';
import type { KnownRoles } from '../platform/known-roles.ts';
import type { RefusalCounter } from '../platform/refusal-counter.ts';
import type { TokenNames } from './access-token.ts';
import { createTokenIssuer } from './access-token.ts';
import { createDigestPasswords } from './digest-passwords.ts';
import { createDigestSection } from './digest-section.ts';
import { initialPasswordIn } from './initial-password.ts';
import type { KeyUse } from './keys.ts';
import { createKeys } from './keys.ts';
import { createPasswordHasher } from './password-hash.ts';
import { roleWarnings } from './role-warnings.ts';
import { identityRoutes } from './routes.ts';
import type { IdentitySections } from './sections.ts';
import { createIdentitySections } from './sections.ts';
import type { Owners } from './services.ts';
import { createServices } from './services.ts';
import type { IdentitySettings } from './settings.ts';
import { identitySettings } from './settings.ts';
import { identityMigrations } from './store/migrations.ts';
import { createIdentityStore } from './store/store.ts';
import type { InitialPassword } from './users.ts';
import { createUsers } from './users.ts';

export type { TokenNames } from './access-token.ts';
export { initialPasswordFile } from './initial-password.ts';
export type { KeyUse } from './keys.ts';
export type { IdentitySections } from './sections.ts';
export type { Owners } from './services.ts';
export { ADMINISTRATOR } from './users.ts';
export type {
  ChangedUserView,
  CreatedKeyView,
  CreatedServiceView,
  DigestPasswordView,
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
  keyStore: KeyStore;
  keyring: Pick<KeyringCapability, 'use'>;
  clock: Clock;
  refusals: Pick<RefusalCounter, 'count'>;
  roles: Pick<KnownRoles, 'names'>;
  initialPassword: InitialPassword;
  /** Of the access tokens. */
  names: TokenNames;
}

export interface Identity extends Capability {
  routes: Route[];
  /** Finds the owners of client certificates. */
  owners: Owners;
  sections: IdentitySections & { digests: Section<DigestFacts> };
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
    return createIdentity({ ...deps, names, initialPassword: initialPasswordIn(folder) }, settings);
  },
};

async function createIdentity(deps: IdentityDeps, settings: IdentitySettings): Promise<Identity> {
  const { database, events, keyStore, keyring, clock, refusals, roles, initialPassword, names } = deps;
  const store = createIdentityStore(database);
  const hasher = createPasswordHasher(settings, (address) =>
    refusals.count({ type: 'identity.sign_in_refused', subject: null, address }),
  );
  const { passwordMinLength, tokenLifetime } = settings;
  const users = createUsers({ database, store, events, hasher, clock, passwordMinLength, initialPassword });
  const digestPasswords = createDigestPasswords({ database, store, keyStore, events, clock });
  const services = createServices({ database, store, events, clock });
  const keys = createKeys({ database, store, events, clock, services });
  const signingKeys = await keyring.use({
    name: 'access-token',
    firstSecret: 'identity/token-signing-key',
    lifetimeSeconds: tokenLifetime,
  });
  const tokens = createTokenIssuer(signingKeys, tokenLifetime, clock);

  const warningsFor = (given: readonly string[]) => roleWarnings(given, roles.names());
  const sections = {
    ...createIdentitySections(database, store),
    digests: createDigestSection(database, store, digestPasswords),
  };

  return {
    routes: identityRoutes({
      users,
      digestPasswords,
      keys,
      services,
      tokens,
      signingKeys,
      database,
      events,
      clock,
      names,
      warningsFor,
    }),
    owners: services,
    sections,
    trust: (names) => ({ jwks: signingKeys.keySet, ...names }),
    open: () => users.createAdministrator(),
    noteKeyUse: (use) => keys.noteUse(use),
    counts: async () => ({
      users: await store.countUsers(database.read),
      keys: await store.countKeys(database.read),
    }),
  };
}
