// Identity: users, API keys, services, sign-in and access tokens.
import type { Clock } from '../platform/clock.ts';
import type { Database } from '../platform/database.ts';
import type { Events } from '../platform/events.ts';
import type { Feed } from '../platform/feed.ts';
import type { Route } from '../platform/http/route.ts';
import type { KeyStore } from '../platform/key-store.ts';
import type { RefusalCounter } from '../platform/refusal-counter.ts';
import type { TokenNames, TokenTrust } from './access-token.ts';
import { createTokenIssuer, generateSigningKey } from './access-token.ts';
import type { KeyUse } from './keys.ts';
import { createKeys } from './keys.ts';
import type { PasswordHasherSettings } from './password-hash.ts';
import { createPasswordHasher } from './password-hash.ts';
import { identityRoutes } from './routes.ts';
import type { IdentitySections } from './sections.ts';
import { createIdentitySections } from './sections.ts';
import type { Owners } from './services.ts';
import { createServices } from './services.ts';
import { createIdentityStore } from './store/store.ts';
import type { InitialPassword } from './users.ts';
import { createUsers } from './users.ts';

export type { TokenNames, TokenTrust } from './access-token.ts';
export type { KeyUse } from './keys.ts';
export type { IdentitySections } from './sections.ts';
export type { Owners } from './services.ts';
export { identityMigrations } from './store/migrations.ts';
export type { InitialPassword } from './users.ts';
export { ADMINISTRATOR } from './users.ts';
export type { CreatedKeyView, KeyView, ServiceView, SignedIn, UserView } from './views.ts';
export type { WaysIn } from './ways-in/ways-in.ts';
export { createWaysIn } from './ways-in/ways-in.ts';

export interface IdentitySettings extends PasswordHasherSettings {
  tokenLifetime: number;
  passwordMinLength: number;
}

export interface IdentityDeps {
  database: Database;
  events: Events;
  keyStore: KeyStore;
  clock: Clock;
  refusals: Pick<RefusalCounter, 'count'>;
  initialPassword: InitialPassword;
  feed: Feed;
}

export interface Identity {
  routes(names: TokenNames): Route[];
  /** Finds the owners of client certificates. */
  owners: Owners;
  sections: IdentitySections;
  /** The issuer and keys of tokens that are accepted for `audience`. */
  trust(names: { issuer: string; audience: string }): TokenTrust;
  createAdministrator(): Promise<void>;
  noteKeyUse(use: KeyUse): Promise<void>;
  counts(): Promise<{ users: number; keys: number }>;
}

export async function createIdentity(deps: IdentityDeps, settings: IdentitySettings): Promise<Identity> {
  const { database, events, keyStore, clock, refusals, initialPassword, feed } = deps;
  const store = createIdentityStore(database);
  const hasher = createPasswordHasher(settings, (address) =>
    refusals.count({ type: 'identity.sign_in_refused', subject: null, address }),
  );
  const { passwordMinLength, tokenLifetime } = settings;
  const users = createUsers({ database, store, events, hasher, clock, passwordMinLength, initialPassword });
  const keys = createKeys({ database, store, events, clock });
  const services = createServices({ database, store, events, clock });
  const signingKey = await keyStore.loadOrCreate('identity/token-signing-key', generateSigningKey);
  const tokens = await createTokenIssuer(signingKey, tokenLifetime, clock);

  const sections = createIdentitySections(database, store);
  for (const section of [sections.users, sections.keys, sections.services]) await feed.addSection(section);

  return {
    routes: (names) => identityRoutes({ users, keys, services, tokens, database, events, names }),
    owners: services,
    sections,
    trust: (names) => ({ jwks: tokens.jwks, ...names }),
    createAdministrator: () => users.createAdministrator(),
    noteKeyUse: (use) => keys.noteUse(use),
    counts: async () => ({
      users: await store.count(database.read, 'users'),
      keys: await store.count(database.read, 'api_keys'),
    }),
  };
}
