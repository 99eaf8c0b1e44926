// A certificate of `gateway.acme` for people: the served certificate, the next step, and the last failure.
import { z } from 'zod';
import { timestamp, toTimestamp } from '../platform/http/schemas.ts';
import type { KeptOrder } from './kept-order.ts';
import { leafFrom } from './kept-order.ts';
import { dueTime } from './renewal/due.ts';

export const listenerCertificateSchema = z
  .object({
    state: z
      .enum(['ordering', 'valid', 'failing'])
      .describe('ordering: the first order is running; failing: the last attempt failed'),
    names: z.array(z.string()),
    directory: z.string(),
    notAfter: timestamp
      .nullable()
      .describe(
        'The expiry of the served certificate; null: the gateway serves a certificate of its own authority',
      ),
    nextAttempt: timestamp
      .nullable()
      .describe('The time of the renewal, or of the next attempt after a failure; null: now'),
    problem: z.string().nullable().describe('Why the last attempt failed'),
  })
  .meta({ id: 'ListenerCertificate' });

export type ListenerCertificateView = z.output<typeof listenerCertificateSchema>;

export function viewOf({ settings, order }: KeptOrder): ListenerCertificateView {
  const leaf = leafFrom(order);
  const due = dueTime(order);
  return {
    state: order.problem !== undefined ? 'failing' : leaf ? 'valid' : 'ordering',
    names: settings.names,
    directory: settings.directory,
    notAfter: leaf ? leaf.notAfter.toISOString() : null,
    nextAttempt: due === 0 ? null : toTimestamp(due),
    problem: order.problem ?? null,
  };
}
