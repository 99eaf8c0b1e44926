// Identity over HTTP: sign-in, the key set, and administration of users, API keys and services.
import { z } from 'zod';
import type { Database } from '../platform/database.ts';
import { GatehouseError } from '../platform/errors.ts';
import type { Actor, Events } from '../platform/events.ts';
import type { Answer, Call, Route } from '../platform/http/route.ts';
import { actorOf, json, noContent } from '../platform/http/route.ts';
import type { TokenIssuer, TokenNames } from './access-token.ts';
import type { Keys } from './keys.ts';
import { principalName, roleNames } from './names.ts';
import type { Services } from './services.ts';
import type { Service, StoredKey, User } from './store/store.ts';
import type { Users } from './users.ts';

const credentials = z.strictObject({ username: z.string().max(256), password: z.string() });
const newUser = z.strictObject({ name: principalName, password: z.string(), roles: roleNames });
const newPassword = z.strictObject({ password: z.string() });
const newKey = z.strictObject({
  name: principalName,
  roles: roleNames,
  expiresInSeconds: z
    .int()
    .min(1)
    .max(10 * 365 * 86_400)
    .optional(),
});

interface RouteDeps {
  users: Users;
  keys: Keys;
  services: Services;
  tokens: TokenIssuer;
  database: Database;
  events: Events;
  names: TokenNames;
}

export function identityRoutes(deps: RouteDeps): Route[] {
  return [
    { method: 'POST', path: '/auth/login', permission: 'public', handle: (call) => signIn(deps, call) },
    {
      method: 'GET',
      path: '/.well-known/jwks.json',
      permission: 'public',
      handle: () => json(deps.tokens.jwks),
    },
    ...userRoutes(deps),
    ...keyRoutes(deps),
    ...serviceRoutes(deps),
  ];
}

async function signIn(deps: RouteDeps, call: Call): Promise<Answer> {
  const { username, password } = await call.body(credentials);
  const user = await deps.users.checkPassword(username, password, call.address);
  if (!user) {
    await record(deps, call, { name: username, outcome: 'failure', data: {} });
    throw new GatehouseError('credential_invalid', 'The user name or the password is wrong.');
  }
  const subject = { name: user.name, roles: user.roles, amr: ['pwd'], epoch: user.tokenEpoch };
  const { token, jti, expiresInSeconds } = await deps.tokens.issue(subject, deps.names);
  await record(deps, call, { name: user.name, outcome: 'success', data: { jti } });
  return json({ access_token: token, token_type: 'Bearer', expires_in: expiresInSeconds });
}

interface SignInFact {
  name: string;
  outcome: 'success' | 'failure';
  data: { [key: string]: string };
}

function record({ database, events }: RouteDeps, call: Call, fact: SignInFact): Promise<void> {
  // Whoever failed to sign in is nobody yet; the name is only what was claimed.
  const actor: Actor =
    fact.outcome === 'success'
      ? { kind: 'user', name: fact.name, address: call.address }
      : { kind: 'anonymous', name: 'anonymous', address: call.address };
  const data = { ...fact.data, requestId: call.requestId };
  return database.write((tx) =>
    events.publish(tx, { type: 'identity.sign_in', actor, outcome: fact.outcome, subject: fact.name, data }),
  );
}

function userRoutes({ users }: RouteDeps): Route[] {
  return [
    {
      method: 'GET',
      path: '/admin/users',
      permission: 'identity:ListUsers',
      handle: async () => json((await users.list()).map(userView)),
    },
    {
      method: 'POST',
      path: '/admin/users',
      permission: 'identity:CreateUser',
      async handle(call) {
        const user = await users.create(await call.body(newUser), actorOf(call));
        return json(userView(user), 201);
      },
    },
    {
      method: 'DELETE',
      path: '/admin/users/:name',
      permission: 'identity:RemoveUser',
      async handle(call) {
        await users.remove(call.param('name'), actorOf(call));
        return noContent();
      },
    },
    {
      method: 'PUT',
      path: '/admin/users/:name/password',
      permission: 'identity:SetPassword',
      async handle(call) {
        const { password } = await call.body(newPassword);
        await users.setPassword(call.param('name'), password, actorOf(call));
        return noContent();
      },
    },
  ];
}

function keyRoutes({ keys }: RouteDeps): Route[] {
  return [
    {
      method: 'GET',
      path: '/admin/keys',
      permission: 'identity:ListKeys',
      handle: async () => json((await keys.list()).map(keyView)),
    },
    {
      method: 'POST',
      path: '/admin/keys',
      permission: 'identity:CreateKey',
      async handle(call) {
        const { text, ...key } = await keys.create(await call.body(newKey), actorOf(call));
        return json({ ...keyView(key), key: text }, 201);
      },
    },
    {
      method: 'DELETE',
      path: '/admin/keys/:id',
      permission: 'identity:RevokeKey',
      async handle(call) {
        await keys.revoke(call.param('id'), actorOf(call));
        return noContent();
      },
    },
  ];
}

function serviceRoutes({ services }: RouteDeps): Route[] {
  return [
    {
      method: 'GET',
      path: '/admin/services',
      permission: 'identity:ListServices',
      handle: async () => json((await services.list()).map(serviceView)),
    },
    {
      method: 'DELETE',
      path: '/admin/services/:name',
      permission: 'identity:RemoveService',
      async handle(call) {
        await services.remove(call.param('name'), actorOf(call));
        return noContent();
      },
    },
  ];
}

function serviceView({ name, roles, createdAt }: Service) {
  return { name, roles, createdAt: timestamp(createdAt) };
}

function userView({ name, roles, disabled, createdAt }: User) {
  return { name, roles, disabled, createdAt: timestamp(createdAt) };
}

function keyView({ id, name, roles, createdAt, expiresAt, lastUsedAt }: StoredKey) {
  return {
    id,
    name,
    roles,
    createdAt: timestamp(createdAt),
    expiresAt: timestamp(expiresAt),
    lastUsedAt: timestamp(lastUsedAt),
  };
}

function timestamp(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}
