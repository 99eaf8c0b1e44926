// Identity over HTTP: sign-in, the key set, and administration of users, API keys and services.
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import type { SigningKeys } from '../keyring/index.ts';
import type { Database } from '../platform/database.ts';
import type { Actor, Events } from '../platform/events.ts';
import { json } from '../platform/http/answer.ts';
import type { Call, Route } from '../platform/http/route.ts';
import { route } from '../platform/http/route.ts';
import type { TokenIssuer, TokenNames } from './access-token.ts';
import { digestPasswordRoutes } from './digest-password-routes.ts';
import type { DigestPasswords } from './digest-passwords.ts';
import { keyRoutes } from './key-routes.ts';
import type { Keys } from './keys.ts';
import { serviceRoutes } from './service-routes.ts';
import type { Services } from './services.ts';
import { userRoutes } from './user-routes.ts';
import type { Users } from './users.ts';
import type { RoleWarnings } from './views.ts';
import { signedInSchema } from './views.ts';

const credentials = z.strictObject({ username: z.string().max(256), password: z.string() });

interface RouteDeps {
  users: Users;
  digestPasswords: DigestPasswords;
  keys: Keys;
  services: Services;
  tokens: TokenIssuer;
  signingKeys: Pick<SigningKeys, 'keySet'>;
  database: Database;
  events: Events;
  clock: Clock;
  names: TokenNames;
  warningsFor: RoleWarnings;
}

export function identityRoutes(deps: RouteDeps): Route[] {
  const { users, keys, services, clock, warningsFor } = deps;
  return [
    ...signInRoutes(deps),
    ...userRoutes(users, warningsFor),
    ...digestPasswordRoutes(deps.digestPasswords),
    ...keyRoutes(keys, clock, warningsFor),
    ...serviceRoutes(services, clock, warningsFor),
  ];
}

function signInRoutes(deps: RouteDeps): Route[] {
  return [
    route({
      name: 'signIn',
      method: 'POST',
      path: '/auth/login',
      permission: 'public',
      summary: 'Sign in with a password, for an access token',
      body: credentials,
      answers: { 200: signedInSchema },
      handle: async (call) => json(await signIn(deps, call)),
    }),
    route({
      name: 'readTokenKeys',
      method: 'GET',
      path: '/.well-known/jwks.json',
      permission: 'public',
      summary: 'Read the keys that verify access tokens (RFC 7517)',
      answers: { 200: z.object({ keys: z.array(z.looseObject({})) }) },
      handle: () => json(deps.signingKeys.keySet),
    }),
  ];
}

async function signIn(deps: RouteDeps, call: Call<unknown, unknown, z.output<typeof credentials>>) {
  const { username, password } = call.body;
  const user = await deps.users.checkPassword(username, password, call.address);
  if (!user) {
    await record(deps, call, { name: username, outcome: 'failure', data: {} });
    throw new GatehouseError('credential_invalid', 'The user name or the password is wrong.');
  }
  const subject = { name: user.name, roles: user.roles, amr: ['pwd'], epoch: user.tokenEpoch };
  const { token, jti, expiresInSeconds } = await deps.tokens.issue(subject, deps.names);
  await record(deps, call, { name: user.name, outcome: 'success', data: { jti } });
  return { access_token: token, token_type: 'Bearer', expires_in: expiresInSeconds } as const;
}

interface SignInFact {
  name: string;
  outcome: 'success' | 'failure';
  data: { [key: string]: string };
}

function record({ database, events }: RouteDeps, call: Call, fact: SignInFact): Promise<void> {
  // Without a sign-in there is no user yet; the name is only the caller's claim.
  const actor: Actor =
    fact.outcome === 'success'
      ? { kind: 'user', name: fact.name, address: call.address }
      : { kind: 'anonymous', name: 'anonymous', address: call.address };
  const data = { ...fact.data, requestId: call.requestId };
  return database.write((tx) =>
    events.publish(tx, { type: 'identity.sign_in', actor, outcome: fact.outcome, subject: fact.name, data }),
  );
}
