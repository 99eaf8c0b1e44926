// ACME in the admin API: keys of external accounts, and what accounts there are and what they ordered.
import { z } from 'zod';
import type { Clock } from '../platform/clock.ts';
import type { Route } from '../platform/http/route.ts';
import { actorOf, json, noContent } from '../platform/http/route.ts';
import { mapInTurn } from '../platform/in-turn.ts';
import type { ExternalAccounts } from './account/external-account.ts';
import { isId } from './ids.ts';
import { judge } from './order/order-status.ts';
import type { AcmeStore } from './store/store.ts';
import type { Account, EabKey, Order } from './types.ts';

export interface AcmeAdminDeps {
  store: AcmeStore;
  clock: Clock;
  externalAccounts: ExternalAccounts;
}

const newKey = z.strictObject({
  name: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9._@-]{0,63}$/i,
      'a name has up to 64 letters, digits and ._@- and begins with a letter or digit',
    ),
});
const page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.string().refine(isId, 'must be what "next" said').optional(),
});

export function acmeAdminRoutes(deps: AcmeAdminDeps): Route[] {
  const { store, externalAccounts } = deps;
  return [
    {
      method: 'POST',
      path: '/admin/acme/eab',
      permission: 'acme:CreateExternalAccountKey',
      async handle(call) {
        const { name } = await call.body(newKey);
        const { hmacKey, ...key } = await externalAccounts.create(name, actorOf(call));
        return json({ ...keyView(key), hmacKey }, 201);
      },
    },
    {
      method: 'GET',
      path: '/admin/acme/eab',
      permission: 'acme:ListExternalAccountKeys',
      handle: async () => json({ keys: (await externalAccounts.list()).map(keyView) }),
    },
    {
      method: 'DELETE',
      path: '/admin/acme/eab/:kid',
      permission: 'acme:RemoveExternalAccountKey',
      async handle(call) {
        await externalAccounts.remove(call.param('kid'), actorOf(call));
        return noContent();
      },
    },
    {
      method: 'GET',
      path: '/admin/acme/accounts',
      permission: 'acme:ListAccounts',
      async handle(call) {
        const { limit, after } = call.query(page);
        const accounts = await store.accounts(limit, after);
        return json({ accounts: accounts.map(accountEntry), next: nextOf(accounts, limit) });
      },
    },
    {
      method: 'GET',
      path: '/admin/acme/orders',
      permission: 'acme:ListOrders',
      async handle(call) {
        const { limit, after } = call.query(page);
        const orders = await store.orders(limit, { after });
        const entries = await mapInTurn(orders, (order) => orderEntry(order, deps));
        return json({ orders: entries, next: nextOf(orders, limit) });
      },
    },
  ];
}

function nextOf(entries: readonly { id: string }[], limit: number): string | null {
  return (entries.length === limit ? entries.at(-1)?.id : undefined) ?? null;
}

function keyView({ kid, owner, createdAt }: EabKey) {
  return { kid, name: owner.name, kind: owner.kind, createdAt: timestamp(createdAt) };
}

function accountEntry({ id, status, contact, owner, eabKid, thumbprint, createdAt }: Account) {
  return {
    id,
    status,
    contact,
    owner: owner ?? null,
    eabKid: eabKid ?? null,
    keyThumbprint: thumbprint,
    createdAt: timestamp(createdAt),
  };
}

async function orderEntry(order: Order, { store, clock }: AcmeAdminDeps) {
  const { status, error } =
    order.status === 'valid'
      ? { status: order.status, error: undefined }
      : judge(order, await store.authorizations(order.authorizations), clock.now());
  return {
    id: order.id,
    account: order.accountId,
    status,
    names: order.names,
    serial: order.certificate ?? null,
    error: error ?? null,
    createdAt: timestamp(order.createdAt),
    expiresAt: timestamp(order.expiresAt),
  };
}

function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
