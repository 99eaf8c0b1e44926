// API keys, and public keys that sign requests, in the admin API.
import type { Clock } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import { json, noContent } from '../../platform/http/answer.ts';
import type { Route } from '../../platform/http/route.ts';
import { actorOf, route } from '../../platform/http/route.ts';
import { timestamp, toTimestamp } from '../../platform/http/schemas.ts';
import type { RoleWarnings } from '../../platform/known-roles.ts';
import { networks, newState, principalName, roleNames, scopeNames } from '../names.ts';
import type { CreatedKeyView } from './key-views.ts';
import { addedKeySchema, createdKeySchema, keySchema, keyView, rotatedKeySchema } from './key-views.ts';
import type { CreatedKey, Keys } from './keys.ts';
import { readSigningPublicKey } from './public-key.ts';

const TEN_YEARS_SECONDS = 10 * 365 * 86_400;
const DAY_SECONDS = 86_400;
const PEM_MAX_LENGTH = 8192;

const newKey = z.strictObject({
  name: principalName.describe('The service that the key is for. A new name registers a service'),
  roles: roleNames.optional().describe('Roles of the service, if it is new. Default: `user`'),
  scopes: scopeNames.optional().describe('Scopes of the key, for routes with `allow.scopes`'),
  addresses: networks
    .optional()
    .describe('The server accepts the key only from these networks. Default: from anywhere'),
  expiresInSeconds: z.int().min(1).max(TEN_YEARS_SECONDS).optional().describe('Default: it does not expire'),
  expiresAt: timestamp
    .optional()
    .describe('The expiry as a time: the server refuses the key from this millisecond on'),
});
const newPublicKey = newKey.extend({
  publicKey: z
    .string()
    .max(PEM_MAX_LENGTH)
    .describe('PEM of the public key: Ed25519, P-256, or RSA of at least 2048 bits'),
});
const listQuery = z.strictObject({
  revoked: z.enum(['true', 'false']).default('false').describe('Whether revoked keys are in the list'),
});
const rotation = z.strictObject({
  overlapSeconds: z
    .int()
    .min(0)
    .max(30 * DAY_SECONDS)
    .default(3600)
    .describe('How long the old key is still accepted'),
});
const byId = z.object({ id: z.string() });
/** Other members do not change. */
const changedLimits = z.strictObject({
  scopes: scopeNames.optional(),
  addresses: networks.optional().describe('The networks from which the server accepts it; none: anywhere'),
  expiresInSeconds: z.int().min(1).max(TEN_YEARS_SECONDS).optional().describe('From now'),
  expiresAt: timestamp.nullable().optional().describe('The expiry as a time; null: it does not expire'),
});

export function keyRoutes(keys: Keys, clock: Clock, warningsFor: RoleWarnings): Route[] {
  const createdView = ({ text, ...key }: CreatedKey): CreatedKeyView => ({
    ...keyView(key, clock.now()),
    key: text,
    warnings: warningsFor(key.roles),
  });
  return [
    route({
      name: 'listKeys',
      method: 'GET',
      path: '/admin/keys',
      permission: 'identity:ListKeys',
      summary: 'List API keys',
      query: listQuery,
      answers: { 200: z.array(keySchema) },
      async handle({ query }) {
        const found = await keys.list({ revoked: query.revoked === 'true' });
        return json(found.map((key) => keyView(key, clock.now())));
      },
    }),
    route({
      name: 'createKey',
      method: 'POST',
      path: '/admin/keys',
      permission: 'identity:CreateKey',
      summary: 'Create an API key',
      description: 'A service may have several.',
      body: newKey,
      answers: { 201: createdKeySchema },
      async handle(call) {
        const key = { ...call.body, expiresAt: timeOfEnd(call.body, clock.now()) };
        return json(createdView(await keys.create(key, actorOf(call))), 201);
      },
    }),
    route({
      name: 'addPublicKey',
      method: 'POST',
      path: '/admin/keys/public',
      permission: 'identity:CreateKey',
      summary: 'Register a public key with which a service signs requests (RFC 9421)',
      description: 'Its `id` is the `keyid` of the signatures.',
      body: newPublicKey,
      answers: { 201: addedKeySchema },
      async handle(call) {
        const publicKey = await readSigningPublicKey(call.body.publicKey);
        const end = timeOfEnd(call.body, clock.now());
        const added = await keys.addPublic({ ...call.body, publicKey, expiresAt: end }, actorOf(call));
        return json({ ...keyView(added, clock.now()), warnings: warningsFor(added.roles) }, 201);
      },
    }),
    route({
      name: 'showKey',
      method: 'GET',
      path: '/admin/keys/:id',
      permission: 'identity:ShowKey',
      summary: 'Show an API key, without its secret',
      params: byId,
      answers: { 200: keySchema },
      handle: async (call) => json(keyView(await keys.show(call.params.id), clock.now())),
    }),
    route({
      name: 'changeKey',
      method: 'POST',
      path: '/admin/keys/:id/limits',
      permission: 'identity:ChangeKey',
      summary: 'Change the scopes, networks or end of an API key',
      description: 'Other members do not change. In force at every worker before the answer.',
      params: byId,
      body: changedLimits,
      answers: { 200: keySchema },
      async handle(call) {
        const { scopes, addresses } = call.body;
        const change = { scopes, addresses, expiresAt: newEnd(call.body, clock.now()) };
        return json(keyView(await keys.change(call.params.id, change, actorOf(call)), clock.now()));
      },
    }),
    route({
      name: 'setKeyDisabled',
      method: 'PUT',
      path: '/admin/keys/:id/disabled',
      permission: 'identity:SetKeyDisabled',
      summary: 'Disable an API key, or enable it again',
      description: 'A disabled key is refused. Requests in progress end.',
      params: byId,
      body: newState,
      answers: { 200: keySchema },
      async handle(call) {
        const key = await keys.setDisabled(call.params.id, call.body.disabled, actorOf(call));
        return json(keyView(key, clock.now()));
      },
    }),
    route({
      name: 'rotateKey',
      method: 'POST',
      path: '/admin/keys/:id/rotate',
      permission: 'identity:RotateKey',
      summary: 'Replace an API key with a new one',
      description:
        'The new key has the roles, scopes, networks and lifetime of the old one. Until the overlap is over, both keys are accepted.',
      params: byId,
      body: rotation,
      answers: { 201: rotatedKeySchema },
      async handle(call) {
        const { id } = call.params;
        const { made, endsAt } = await keys.rotate(id, call.body.overlapSeconds, actorOf(call));
        const replaces = { id, expiresAt: toTimestamp(endsAt) };
        return json({ ...createdView(made), replaces }, 201);
      },
    }),
    route({
      name: 'revokeKey',
      method: 'DELETE',
      path: '/admin/keys/:id',
      permission: 'identity:RevokeKey',
      summary: 'Revoke an API key',
      params: byId,
      answers: { 204: null },
      async handle(call) {
        await keys.revoke(call.params.id, actorOf(call));
        return noContent();
      },
    }),
  ];
}

/** The new end of a key; null: none; undefined: the same as before. Throws `unprocessable`. */
function newEnd(body: z.output<typeof changedLimits>, now: number): number | null | undefined {
  const { expiresAt, expiresInSeconds } = body;
  if (expiresAt === null && expiresInSeconds === undefined) return null;
  const end = timeOfEnd({ expiresInSeconds, expiresAt: expiresAt ?? undefined }, now);
  return end ?? (expiresInSeconds === undefined ? undefined : now + expiresInSeconds * 1000);
}

/** Milliseconds since 1970, if the body has a time. Throws `unprocessable`. */
function timeOfEnd(
  { expiresInSeconds, expiresAt }: Pick<z.output<typeof newKey>, 'expiresInSeconds' | 'expiresAt'>,
  now: number,
): number | undefined {
  if (expiresAt === undefined) return undefined;
  if (expiresInSeconds !== undefined)
    throw new GatehouseError('unprocessable', 'Give expiresAt or expiresInSeconds, not both.');
  const end = Date.parse(expiresAt);
  if (end > now && end <= now + TEN_YEARS_SECONDS * 1000) return end;
  throw new GatehouseError(
    'unprocessable',
    `expiresAt is ${expiresAt}: it must be in the future, and at most ten years away.`,
  );
}
