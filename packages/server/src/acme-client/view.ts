// A certificate of `gateway.acme` for people: what is served, what comes next, and what is wrong.
import { z } from 'zod';
import { timestamp, toTimestamp } from '../platform/http/schemas.ts';
import type { KeptOrder } from './kept-order.ts';
import { leafFrom } from './kept-order.ts';
import { dueTime } from './renewal/due.ts';

export const listenerCertificateSchema = z
  .object({
    state: z
      .enum(['ordering', 'valid', 'failing'])
      .describe('ordering: the first one is under way; failing: the last attempt failed'),
    names: z.array(z.string()),
    directory: z.string(),
    notAfter: timestamp
      .nullable()
      .describe('Of the certificate that is served; null: our own authority’s is'),
    nextAttempt: timestamp.nullable().describe('The renewal, or the next attempt after a failure; null: now'),
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
