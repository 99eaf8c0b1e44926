// The ledger in the admin API, which can read and verify it, but not write it.
import { z } from 'zod';
import { json } from '../platform/http/answer.ts';
import type { Route } from '../platform/http/route.ts';
import { route } from '../platform/http/route.ts';
import { limit, timestamp, toTimestamp, wholeNumber } from '../platform/http/schemas.ts';
import { verifyChain } from './chain.ts';
import type { EntryRow } from './entry-row.ts';
import type { HeadSigner } from './signed-head.ts';
import type { AuditStore } from './store.ts';

const time = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));

const listQuery = z.strictObject({
  limit: limit(20),
  after: wholeNumber({ min: 0 })
    .optional()
    .describe('A sequence number: the entries after it, oldest first. Default: the newest entries'),
  requestId: z
    .string()
    .optional()
    .describe('Only entries of the request whose id this is, or begins with this'),
  principal: z.string().optional().describe('Only acts of this user or service, and acts on them'),
  credential: z.string().optional().describe('Only entries with this id of an API key or token'),
  type: z.string().optional().describe('Only entries of this type; `identity` means all types of that part'),
  outcome: z.enum(['success', 'failure']).optional(),
  since: time.optional().describe('Only entries from this time on'),
  until: time.optional().describe('Only entries before this time'),
});

const entrySchema = z
  .object({
    seq: z.int().describe('The sequence number, from 1 without a gap'),
    time: timestamp,
    type: z.string().describe('Such as `identity.user_created`'),
    actor: z.object({
      kind: z.string(),
      name: z.string(),
      address: z.string().optional().describe('The IP address, or `socket`'),
    }),
    outcome: z.string().describe('`success` or `failure`'),
    subject: z.string().nullable().describe('The object of the act'),
    data: z.looseObject({}).describe('More facts, by type'),
    hash: z.string().describe('SHA-256 over the previous hash and this entry, in hex'),
  })
  .meta({ id: 'AuditEntry' });

const listSchema = z.object({
  entries: z.array(entrySchema),
  searched: z
    .int()
    .describe('The search covered all entries up to this sequence number: send it as `after` to continue'),
});

/** One entry of the ledger. */
export type AuditEntry = z.output<typeof entrySchema>;

const verificationSchema = z
  .object({
    ok: z.boolean(),
    entries: z.int().describe('The number of intact entries'),
    head: z.object({ seq: z.int(), hash: z.string() }).nullable().describe('The last entry'),
    problem: z
      .object({ seq: z.int(), reason: z.string() })
      .optional()
      .describe('The first entry that does not match'),
    ledger: z.string().nullable().describe('The hash of entry 1, which names the ledger'),
    signed: z
      .string()
      .optional()
      .describe('The head, signed by this server (a JWS), if the ledger is intact'),
  })
  .meta({ id: 'AuditVerification' });

/** The result of verifying the ledger. */
export type AuditVerification = z.output<typeof verificationSchema>;

export interface RouteDeps {
  headKey: Uint8Array;
  sign: HeadSigner;
}

export function auditRoutes(store: AuditStore, { headKey, sign }: RouteDeps): Route[] {
  return [
    route({
      name: 'listAuditEntries',
      method: 'GET',
      path: '/admin/audit',
      permission: 'audit:ListEntries',
      summary: 'Read the ledger',
      query: listQuery,
      answers: { 200: listSchema },
      async handle({ query: { limit, after, ...filter } }) {
        const head = (await store.head())?.seq ?? 0;
        const rows =
          after === undefined ? await store.latest(limit, filter) : await store.after(after, limit, filter);
        const last = rows.at(-1)?.seq ?? 0;
        const searched = after !== undefined && rows.length === limit ? last : Math.max(head, last);
        return json({ entries: rows.map(entryFromRow), searched });
      },
    }),
    route({
      name: 'verifyAudit',
      method: 'POST',
      path: '/admin/audit/verify',
      permission: 'audit:Verify',
      summary: 'Check that no entry of the ledger was changed or removed',
      answers: { 200: verificationSchema },
      async handle() {
        const found = await verifyChain(store, headKey);
        const ledger = (await store.hashOf(1)) ?? null;
        const signed = found.ok && found.head ? sign({ ...found.head, ledger }) : undefined;
        return json({ ...found, ledger, ...(signed !== undefined && { signed }) });
      },
    }),
  ];
}

function entryFromRow(row: EntryRow): AuditEntry {
  return {
    ...row,
    time: toTimestamp(row.time),
    actor: JSON.parse(row.actor),
    data: JSON.parse(row.data),
  };
}
