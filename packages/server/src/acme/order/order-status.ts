// What an order is (RFC 8555 §7.1.6): its row says only whether it was finalized; the rest is read off its authorizations.

import type { AcmeProblem } from '../problem.ts';
import type { Authorization, Order } from '../types.ts';
import { statusOf } from './authorizations.ts';

export type OrderStatus = 'pending' | 'ready' | 'valid' | 'invalid';

/** An order with what its authorizations make of it. */
export interface CurrentOrder extends Omit<Order, 'status'> {
  status: OrderStatus;
  error?: AcmeProblem | undefined;
}

/** What the authorizations make of an order (RFC 8555 §7.1.6). */
export function judge(order: Order, authorizations: readonly Authorization[], now: number): CurrentOrder {
  const { status: _stored, ...rest } = order;
  const statuses = authorizations.map((each) => statusOf(each, now));
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
