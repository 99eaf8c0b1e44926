// OAuth clients in the admin API.
import { z } from 'zod';
import { newState } from '../../identity/index.ts';
import { json, noContent } from '../../platform/http/answer.ts';
import type { Route } from '../../platform/http/route.ts';
import { actorOf, route } from '../../platform/http/route.ts';
import { toTimestamp } from '../../platform/http/schemas.ts';
import type { RoleWarnings } from '../../platform/known-roles.ts';
import type { ClientMetadata } from '../store/rows.ts';
import type { Clients } from './clients.ts';
import {
  clientChangeSchema,
  clientSchema,
  clientView,
  createdClientSchema,
  metadataOf,
  newClientSchema,
  rotatedSecretSchema,
} from './views.ts';

const MONTH_SECONDS = 30 * 86_400;

const named = z.object({ name: z.string().describe('The name or the id of the client') });
const rotation = z.strictObject({
  overlapSeconds: z
    .int()
    .min(0)
    .max(MONTH_SECONDS)
    .default(3600)
    .describe('How long the old secret is still accepted'),
});
export function clientRoutes(clients: Clients, roleWarnings: RoleWarnings): Route[] {
  return [
    route({
      name: 'listClients',
      method: 'GET',
      path: '/admin/clients',
      permission: 'oauth:ListClients',
      summary: 'List OAuth clients',
      answers: { 200: z.array(clientSchema) },
      handle: async () => json((await clients.list()).map(clientView)),
    }),
    route({
      name: 'createClient',
      method: 'POST',
      path: '/admin/clients',
      permission: 'oauth:CreateClient',
      summary: 'Register an OAuth client',
      body: newClientSchema,
      answers: { 201: createdClientSchema },
      async handle(call) {
        const { name, service, roles } = call.body;
        const wanted = { name, service, roles, metadata: metadataOf(call.body) };
        const { secret, ...client } = await clients.create(wanted, actorOf(call));
        const created = { ...clientView(client), client_secret: secret };
        return json({ ...created, warnings: roleWarnings(roles ?? []) }, 201);
      },
    }),
    route({
      name: 'showClient',
      method: 'GET',
      path: '/admin/clients/:name',
      permission: 'oauth:ShowClient',
      summary: 'Show an OAuth client',
      params: named,
      answers: { 200: clientSchema },
      handle: async (call) => json(clientView(await clients.show(call.params.name))),
    }),
    route({
      name: 'changeClient',
      method: 'PUT',
      path: '/admin/clients/:name',
      permission: 'oauth:ChangeClient',
      summary: 'Change an OAuth client',
      description: 'Other members do not change.',
      params: named,
      body: clientChangeSchema,
      answers: { 200: clientSchema },
      async handle(call) {
        const change = call.body as Partial<ClientMetadata>;
        return json(clientView(await clients.change(call.params.name, change, actorOf(call))));
      },
    }),
    route({
      name: 'setClientDisabled',
      method: 'PUT',
      path: '/admin/clients/:name/disabled',
      permission: 'oauth:DisableClient',
      summary: 'Disable or enable an OAuth client',
      description:
        'Every worker applies it before the answer. Tokens of a disabled client stay void after the client is enabled again. Enabling also approves a client that registered itself.',
      params: named,
      body: newState,
      answers: { 200: clientSchema },
      async handle(call) {
        const state = call.body.disabled ? 'disabled' : 'active';
        return json(clientView(await clients.setState(call.params.name, state, actorOf(call))));
      },
    }),
    route({
      name: 'rotateClientSecret',
      method: 'POST',
      path: '/admin/clients/:name/rotate-secret',
      permission: 'oauth:RotateClientSecret',
      summary: 'Replace the secret of an OAuth client',
      description: 'Until the overlap is over, both secrets are accepted.',
      params: named,
      body: rotation,
      answers: { 201: rotatedSecretSchema },
      async handle(call) {
        const { name } = call.params;
        const { overlapSeconds } = call.body;
        const { client, secret, oldEndsAt } = await clients.rotateSecret(name, overlapSeconds, actorOf(call));
        const replaces = { endsAt: toTimestamp(oldEndsAt) };
        return json({ client_id: client.id, name: client.name, client_secret: secret, replaces }, 201);
      },
    }),
    route({
      name: 'removeClient',
      method: 'DELETE',
      path: '/admin/clients/:name',
      permission: 'oauth:RemoveClient',
      summary: 'Remove an OAuth client',
      description: 'All its tokens become void.',
      params: named,
      answers: { 204: null },
      async handle(call) {
        await clients.remove(call.params.name, actorOf(call));
        return noContent();
      },
    }),
  ];
}
