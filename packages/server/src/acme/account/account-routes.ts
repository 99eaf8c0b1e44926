// Accounts as ACME resources (RFC 8555 §7.1.2, §7.3).
import { z } from 'zod';
import type { Route } from '../../platform/http/route.ts';
import { isId } from '../ids.ts';
import type { Orders } from '../order/orders.ts';
import { accountSchema, accountView } from '../order/views.ts';
import { AcmeError } from '../problem.ts';
import type { AccountRequest, Gate } from '../request/gate.ts';
import type { Replies, SignedCall } from '../request/reply.ts';
import { isPostAsGet, requirePostAsGet } from '../request/reply.ts';
import type { Urls } from '../urls.ts';
import { PATHS } from '../urls.ts';
import type { Accounts } from './accounts.ts';

export interface AccountRoutesDeps {
  accounts: Accounts;
  gate: Gate;
  orders: Orders;
  replies: Replies;
  urls: Urls;
}

const byId = z.object({ id: z.string() });
const url = z.string().describe('A URL');

export function accountRoutes({ accounts, gate, orders, replies, urls }: AccountRoutesDeps): Route[] {
  return [
    ...replies.post({
      name: 'acmeNewAccount',
      path: PATHS.newAccount,
      summary: 'Create an account, or find the account of a key (RFC 8555 §7.3)',
      answers: { 200: accountSchema, 201: accountSchema },
      async handle(call) {
        const { account, isNew } = await accounts.open(await gate.byKey(call));
        const headers = { location: urls.account(account.id) };
        return { status: isNew ? 201 : 200, body: accountView(account, urls), headers };
      },
    }),
    ...replies.post({
      name: 'acmeAccount',
      path: `${PATHS.account}/:id`,
      summary: 'Read, change or deactivate an account (RFC 8555 §7.3.2)',
      params: byId,
      answers: { 200: accountSchema },
      async handle(call) {
        const request = await ownAccount(call, gate);
        const account = isPostAsGet(request) ? request.account : await accounts.update(request);
        return { body: accountView(account, urls), headers: { location: urls.account(account.id) } };
      },
    }),
    ...replies.post({
      name: 'acmeAccountOrders',
      path: `${PATHS.account}/:id/orders`,
      summary: 'List the orders of an account (RFC 8555 §7.1.2.1)',
      params: byId,
      answers: { 200: z.object({ orders: z.array(url) }) },
      async handle(call) {
        const { account, payload, url } = await ownAccount(call, gate);
        requirePostAsGet({ payload });
        const cursor = new URL(url).searchParams.get('cursor') ?? '';
        const { ids, next } = await orders.list(account, isId(cursor) ? cursor : undefined);
        const more = `<${urls.orders(account.id)}?cursor=${next}>;rel="next"`;
        return { body: { orders: ids.map(urls.order) }, links: next === undefined ? [] : [more] };
      },
    }),
    ...replies.post({
      name: 'acmeKeyChange',
      path: PATHS.keyChange,
      summary: 'Give an account another key (RFC 8555 §7.3.5)',
      answers: { 200: accountSchema },
      async handle(call) {
        const account = await accounts.changeKey(await gate.byAccount(call), urls);
        return { body: accountView(account, urls), headers: { location: urls.account(account.id) } };
      },
    }),
  ];
}

async function ownAccount(call: SignedCall<{ id: string }>, gate: Gate): Promise<AccountRequest> {
  const request = await gate.byAccount(call);
  if (call.params.id === request.account.id) return request;
  throw new AcmeError('unauthorized', 'The request is signed by another account.');
}
