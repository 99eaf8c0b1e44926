// Identity over HTTP: sign-in, the key set, and administration of users, API keys and services.
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import type { SigningKeys } from '../keyring/index.ts';
import type { Database } from '../platform/database.ts';
import type { Actor, Events } from '../platform/events.ts';
import { json, noContent } from '../platform/http/answer.ts';
import type { Call, Route } from '../platform/http/route.ts';
import { actorOf, route } from '../platform/http/route.ts';
import type { TokenIssuer, TokenNames } from './access-token.ts';
import type { Keys } from './keys.ts';
import { principalName, roleNames } from './names.ts';
import type { Services } from './services.ts';
import type { Users } from './users.ts';
import {
  createdKeySchema,
  keySchema,
  keyView,
  serviceSchema,
  serviceView,
  signedInSchema,
  userSchema,
  userView,
} from './views.ts';

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
    .optional()
    .describe('Default: it does not expire'),
});
const named = z.object({ name: z.string() });

interface RouteDeps {
  users: Users;
  keys: Keys;
  services: Services;
  tokens: TokenIssuer;
  signingKeys: Pick<SigningKeys, 'keySet'>;
  database: Database;
  events: Events;
  names: TokenNames;
}

export function identityRoutes(deps: RouteDeps): Route[] {
  return [...signInRoutes(deps), ...userRoutes(deps), ...keyRoutes(deps), ...serviceRoutes(deps)];
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

function userRoutes({ users }: RouteDeps): Route[] {
  return [
    route({
      name: 'listUsers',
      method: 'GET',
      path: '/admin/users',
      permission: 'identity:ListUsers',
      summary: 'List users',
      answers: { 200: z.array(userSchema) },
      handle: async () => json((await users.list()).map(userView)),
    }),
    route({
      name: 'createUser',
      method: 'POST',
      path: '/admin/users',
      permission: 'identity:CreateUser',
      summary: 'Create a user',
      body: newUser,
      answers: { 201: userSchema },
      async handle(call) {
        const user = await users.create(call.body, actorOf(call));
        return json(userView(user), 201);
      },
    }),
    route({
      name: 'removeUser',
      method: 'DELETE',
      path: '/admin/users/:name',
      permission: 'identity:RemoveUser',
      summary: 'Remove a user',
      description: 'Voids the access tokens of the user, and revokes their certificates and ACME accounts.',
      params: named,
      answers: { 204: null },
      async handle(call) {
        await users.remove(call.params.name, actorOf(call));
        return noContent();
      },
    }),
    route({
      name: 'setPassword',
      method: 'PUT',
      path: '/admin/users/:name/password',
      permission: 'identity:SetPassword',
      summary: 'Give a user another password',
      description: 'Voids the access tokens of the user.',
      params: named,
      body: newPassword,
      answers: { 204: null },
      async handle(call) {
        await users.setPassword(call.params.name, call.body.password, actorOf(call));
        return noContent();
      },
    }),
  ];
}

function keyRoutes({ keys }: RouteDeps): Route[] {
  return [
    route({
      name: 'listKeys',
      method: 'GET',
      path: '/admin/keys',
      permission: 'identity:ListKeys',
      summary: 'List API keys',
      answers: { 200: z.array(keySchema) },
      handle: async () => json((await keys.list()).map(keyView)),
    }),
    route({
      name: 'createKey',
      method: 'POST',
      path: '/admin/keys',
      permission: 'identity:CreateKey',
      summary: 'Create an API key',
      body: newKey,
      answers: { 201: createdKeySchema },
      async handle(call) {
        const { text, ...key } = await keys.create(call.body, actorOf(call));
        return json({ ...keyView(key), key: text }, 201);
      },
    }),
    route({
      name: 'revokeKey',
      method: 'DELETE',
      path: '/admin/keys/:id',
      permission: 'identity:RevokeKey',
      summary: 'Revoke an API key',
      params: z.object({ id: z.string() }),
      answers: { 204: null },
      async handle(call) {
        await keys.revoke(call.params.id, actorOf(call));
        return noContent();
      },
    }),
  ];
}

function serviceRoutes({ services }: RouteDeps): Route[] {
  return [
    route({
      name: 'listServices',
      method: 'GET',
      path: '/admin/services',
      permission: 'identity:ListServices',
      summary: 'List services, which certificates belong to',
      answers: { 200: z.array(serviceSchema) },
      handle: async () => json((await services.list()).map(serviceView)),
    }),
    route({
      name: 'removeService',
      method: 'DELETE',
      path: '/admin/services/:name',
      permission: 'identity:RemoveService',
      summary: 'Remove a service',
      description: 'Revokes the certificates and the ACME accounts of the service.',
      params: named,
      answers: { 204: null },
      async handle(call) {
        await services.remove(call.params.name, actorOf(call));
        return noContent();
      },
    }),
  ];
}
