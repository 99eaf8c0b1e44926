// ACME in the admin API: keys of external accounts, and lists of accounts and orders.
import type { Clock } from '@gatehouse/access';
import { z } from 'zod';
import { json, noContent } from '../platform/http/answer.ts';
import type { Route } from '../platform/http/route.ts';
import { actorOf, route } from '../platform/http/route.ts';
import { limit, timestamp, toTimestamp } from '../platform/http/schemas.ts';
import { mapInTurn } from '../platform/jobs/in-turn.ts';
import type { Database } from '../platform/store/database.ts';
import type { ExternalAccounts } from './account/external-account.ts';
import { isId } from './ids.ts';
import { currentOrder } from './order/order-status.ts';
import { acmeProblemSchema } from './problem.ts';
import type { AcmeStore } from './store/store.ts';
import type { Account, EabKey, Order } from './types.ts';

export interface AcmeAdminDeps {
  database: Database;
  store: AcmeStore;
  clock: Clock;
  externalAccounts: ExternalAccounts;
}

const newKey = z.strictObject({
  name: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9._@-]{0,63}$/i,
      'must have up to 64 letters of a-z and A-Z, digits and ._@-, and begin with a letter or digit',
    )
    .describe('A user or a service; a new name registers a service'),
});
const page = z.strictObject({
  limit: limit(100),
  after: z
    .string()
    .refine(isId, 'must be the value of "next" in an earlier answer')
    .optional()
    .describe('The value of `next` in the previous answer'),
});
const next = z.string().nullable().describe('The start of the next page: send it as `after`');
const owner = z.object({ kind: z.enum(['user', 'service']), name: z.string() });

const eabKeySchema = z
  .object({ kid: z.string(), ...owner.shape, createdAt: timestamp })
  .meta({ id: 'ExternalAccountKey' });

/** An external account key, without the key itself. */
export type EabKeyView = z.output<typeof eabKeySchema>;

const createdEabKeySchema = eabKeySchema
  .extend({ hmacKey: z.string().describe('The key itself, base64url. Only this answer has it') })
  .meta({ id: 'CreatedExternalAccountKey' });

/** A new external account key, with the key itself. */
export type CreatedEabKeyView = z.output<typeof createdEabKeySchema>;

const accountEntrySchema = z
  .object({
    id: z.string(),
    status: z.enum(['valid', 'deactivated']),
    contact: z.array(z.string()),
    owner: owner.nullable(),
    eabKid: z.string().nullable().describe('The external account key of its binding'),
    keyThumbprint: z.string().describe('RFC 7638'),
    createdAt: timestamp,
  })
  .meta({ id: 'AcmeAccountEntry' });

/** An ACME account in a list. */
export type AcmeAccountEntry = z.output<typeof accountEntrySchema>;

const orderEntrySchema = z
  .object({
    id: z.string(),
    account: z.string(),
    status: z.enum(['pending', 'ready', 'valid', 'invalid']),
    names: z.array(z.string()),
    serial: z.string().nullable().describe('The serial number of the certificate, in hex'),
    error: acmeProblemSchema.nullable(),
    createdAt: timestamp,
    expiresAt: timestamp,
  })
  .meta({ id: 'AcmeOrderEntry' });

/** An ACME order in a list. */
export type AcmeOrderEntry = z.output<typeof orderEntrySchema>;

export function acmeAdminRoutes(deps: AcmeAdminDeps): Route[] {
  return [...externalAccountRoutes(deps), ...listRoutes(deps)];
}

function externalAccountRoutes({ externalAccounts }: AcmeAdminDeps): Route[] {
  return [
    route({
      name: 'createExternalAccountKey',
      method: 'POST',
      path: '/admin/acme/eab',
      permission: 'acme:CreateExternalAccountKey',
      summary: 'Create a key for external account binding (RFC 8555 §7.3.4)',
      body: newKey,
      answers: { 201: createdEabKeySchema },
      async handle(call) {
        const { hmacKey, ...key } = await externalAccounts.create(call.body.name, actorOf(call));
        return json({ ...keyView(key), hmacKey }, 201);
      },
    }),
    route({
      name: 'listExternalAccountKeys',
      method: 'GET',
      path: '/admin/acme/eab',
      permission: 'acme:ListExternalAccountKeys',
      summary: 'List keys for external account binding',
      answers: { 200: z.object({ keys: z.array(eabKeySchema) }) },
      handle: async () => json({ keys: (await externalAccounts.list()).map(keyView) }),
    }),
    route({
      name: 'removeExternalAccountKey',
      method: 'DELETE',
      path: '/admin/acme/eab/:kid',
      permission: 'acme:RemoveExternalAccountKey',
      summary: 'Remove a key for external account binding',
      params: z.object({ kid: z.string() }),
      answers: { 204: null },
      async handle(call) {
        await externalAccounts.remove(call.params.kid, actorOf(call));
        return noContent();
      },
    }),
  ];
}

function listRoutes(deps: AcmeAdminDeps): Route[] {
  const { database, store } = deps;
  return [
    route({
      name: 'listAcmeAccounts',
      method: 'GET',
      path: '/admin/acme/accounts',
      permission: 'acme:ListAccounts',
      summary: 'List ACME accounts, the newest first',
      query: page,
      answers: { 200: z.object({ accounts: z.array(accountEntrySchema), next }) },
      async handle({ query: { limit, after } }) {
        const accounts = await store.accounts(database.read, limit, after);
        return json({ accounts: accounts.map(accountEntry), next: nextOf(accounts, limit) });
      },
    }),
    route({
      name: 'listAcmeOrders',
      method: 'GET',
      path: '/admin/acme/orders',
      permission: 'acme:ListOrders',
      summary: 'List ACME orders, the newest first',
      query: page,
      answers: { 200: z.object({ orders: z.array(orderEntrySchema), next }) },
      async handle({ query: { limit, after } }) {
        const orders = await store.orders(database.read, limit, { after });
        const entries = await mapInTurn(orders, (order) => orderEntry(order, deps));
        return json({ orders: entries, next: nextOf(orders, limit) });
      },
    }),
  ];
}

function nextOf(entries: readonly { id: string }[], limit: number): string | null {
  return (entries.length === limit ? entries.at(-1)?.id : undefined) ?? null;
}

function keyView({ kid, owner, createdAt }: EabKey): EabKeyView {
  return { kid, name: owner.name, kind: owner.kind, createdAt: toTimestamp(createdAt) };
}

function accountEntry({
  id,
  status,
  contact,
  owner,
  eabKid,
  thumbprint,
  createdAt,
}: Account): AcmeAccountEntry {
  return {
    id,
    status,
    contact,
    owner: owner ?? null,
    eabKid: eabKid ?? null,
    keyThumbprint: thumbprint,
    createdAt: toTimestamp(createdAt),
  };
}

async function orderEntry(order: Order, { database, store, clock }: AcmeAdminDeps): Promise<AcmeOrderEntry> {
  const { status, error } =
    order.status === 'valid'
      ? { status: order.status, error: undefined }
      : currentOrder(order, await store.authorizations(database.read, order.authorizations), clock.now());
  return {
    id: order.id,
    account: order.accountId,
    status,
    names: order.names,
    serial: order.certificate ?? null,
    error: error ?? null,
    createdAt: toTimestamp(order.createdAt),
    expiresAt: toTimestamp(order.expiresAt),
  };
}
