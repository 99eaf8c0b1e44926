// The status of an order (RFC 8555 §7.1.6). Its row says only whether it was finalized; the rest follows from
// its authorizations.

import type { AcmeProblem } from '../problem.ts';
import type { Authorization, Order } from '../types.ts';
import { authorizationStatus } from './authorizations.ts';

export type OrderStatus = 'pending' | 'ready' | 'valid' | 'invalid';

/** An order with the status that follows from its authorizations. */
export interface CurrentOrder extends Omit<Order, 'status'> {
  status: OrderStatus;
  error?: AcmeProblem | undefined;
}

/** An order that is not finalized, with its status at `now` (RFC 8555 §7.1.6). */
export function currentOrder(
  order: Order,
  authorizations: readonly Authorization[],
  now: number,
): CurrentOrder {
  const { status: _stored, ...rest } = order;
  const statuses = authorizations.map((each) => authorizationStatus(each, now));
  const isWhole = authorizations.length === order.authorizations.length;
  if (
    !isWhole ||
    order.expiresAt <= now ||
    statuses.some((status) => status !== 'valid' && status !== 'pending')
  ) {
    return { ...rest, status: 'invalid', error: authorizations.find(({ error }) => error)?.error };
  }
  return { ...rest, status: statuses.includes('pending') ? 'pending' : 'ready' };
}
