// Orders as ACME resources (RFC 8555 §7.1.3, §7.4).
import { z } from 'zod';
import type { Route } from '../../platform/http/route.ts';
import type { Gate } from '../request/gate.ts';
import type { Replies } from '../request/reply.ts';
import { requirePostAsGet } from '../request/reply.ts';
import type { Urls } from '../urls.ts';
import { PATHS } from '../urls.ts';
import type { CurrentOrder } from './order-status.ts';
import type { Orders } from './orders.ts';
import { orderSchema, orderView } from './views.ts';

export interface OrderRoutesDeps {
  gate: Gate;
  orders: Orders;
  replies: Replies;
  urls: Urls;
}

const byId = z.object({ id: z.string() });

export function orderRoutes({ gate, orders, replies, urls }: OrderRoutesDeps): Route[] {
  const reply = (order: CurrentOrder, status = 200) => {
    return { status, body: orderView(order, urls), headers: { location: urls.order(order.id) } };
  };
  return [
    ...replies.post({
      name: 'acmeNewOrder',
      path: PATHS.newOrder,
      summary: 'Order a certificate (RFC 8555 §7.4)',
      answers: { 201: orderSchema },
      handle: async (call) => reply(await orders.create(await gate.byAccount(call)), 201),
    }),
    ...replies.post({
      name: 'acmeOrder',
      path: `${PATHS.order}/:id`,
      summary: 'Read an order',
      params: byId,
      answers: { 200: orderSchema },
      async handle(call) {
        const request = await gate.byAccount(call);
        requirePostAsGet(request);
        return reply(await orders.find(request.account, call.params.id));
      },
    }),
    ...replies.post({
      name: 'acmeFinalize',
      path: `${PATHS.order}/:id/finalize`,
      summary: 'Send the certificate request of an order (RFC 8555 §7.4)',
      params: byId,
      answers: { 200: orderSchema },
      handle: async (call) => reply(await orders.finalize(await gate.byAccount(call), call.params.id)),
    }),
  ];
}
