// The ledger in the admin API: read and verify. Nothing here writes.
import { z } from 'zod';
import type { Route } from '../platform/http/route.ts';
import { json } from '../platform/http/route.ts';
import { verifyChain } from './chain.ts';
import type { AuditStore, EntryRow } from './store.ts';

const listQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(1000).default(20),
  after: z.coerce.number().int().min(0).optional(),
});

export function auditRoutes(store: AuditStore, headKey: Uint8Array): Route[] {
  return [
    {
      method: 'GET',
      path: '/admin/audit',
      permission: 'audit:ListEntries',
      async handle(call) {
        const { limit, after } = call.query(listQuery);
        const rows = after === undefined ? await store.latest(limit) : await store.after(after, limit);
        return json({ entries: rows.map(entryFromRow) });
      },
    },
    {
      method: 'POST',
      path: '/admin/audit/verify',
      permission: 'audit:Verify',
      handle: async () => json(await verifyChain(store, headKey)),
    },
  ];
}

function entryFromRow(row: EntryRow) {
  return {
    ...row,
    time: new Date(row.time).toISOString(),
    actor: JSON.parse(row.actor),
    data: JSON.parse(row.data),
  };
}
