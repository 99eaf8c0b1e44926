// Hashes entries, and verifies their chain (docs/wire/ledger.md). Each hash covers the previous one, so a
// change, move or removal of an entry in the middle is always found. The MAC over the head reveals a
// shortened or rewritten chain; its key is not in the database.
import { createHmac, hash as digest, timingSafeEqual } from 'node:crypto';
import type { LedgerHead } from '../platform/ledger/ledger-head.ts';
import { EMPTY_LEDGER } from '../platform/ledger/ledger-head.ts';
import type { EntryRow } from './entry-row.ts';
import type { AuditStore, HeadRow } from './store.ts';

export type UnhashedEntry = Omit<EntryRow, 'hash'>;

/** SHA-256 over the previous hash and the entry's fields, as one JSON array. */
export function entryHash(previous: string, entry: UnhashedEntry): string {
  const { seq, time, type, actor, outcome, subject, data } = entry;
  const fields = JSON.stringify([previous, seq, time, type, actor, outcome, subject, data]);
  return digest('sha256', fields);
}

/** HMAC-SHA-256 over the head's sequence number and hash. */
export function headMac(key: Uint8Array, head: { seq: number; hash: string }): string {
  return createHmac('sha256', key)
    .update(JSON.stringify([head.seq, head.hash]))
    .digest('hex');
}

/** Whether the MAC of this head was made with `key`. */
export function isGenuine(head: HeadRow, key: Uint8Array): boolean {
  return sameText(headMac(key, head), head.mac);
}

export interface Verification {
  ok: boolean;
  /** The number of intact entries. */
  entries: number;
  head: { seq: number; hash: string } | null;
  problem?: { seq: number; reason: string };
}

const PAGE = 1000;

export interface VerifyOptions {
  /** Begins after this entry, whose hash the next entry covers. Default: at the beginning of the ledger. */
  from?: LedgerHead;
  /** Called between two pages, so that other work can run. */
  pause?(): Promise<unknown>;
}

/** Reads the ledger, a page at a time, and reports the first entry that does not fit. */
export async function verifyChain(
  store: AuditStore,
  key: Uint8Array,
  { from = EMPTY_LEDGER, pause = nextTurn }: VerifyOptions = {},
): Promise<Verification> {
  const row = await store.head();
  const head = row ? { seq: row.seq, hash: row.hash } : null;
  let last = from;
  for (;;) {
    const page = await store.after(last.seq, PAGE);
    for (const entry of page) {
      // Entries that were added after the reading began have another head.
      if (head && entry.seq > head.seq) break;
      const reason = entryProblem(last, entry);
      if (reason) return { ok: false, entries: last.seq, head, problem: { seq: last.seq + 1, reason } };
      last = { seq: entry.seq, hash: entry.hash };
    }
    if (page.length < PAGE || last.seq === head?.seq) {
      const verification = conclude(row, last, key);
      return verification.ok ? { ...verification, ...(await entryBehindHead(store)) } : verification;
    }
    await pause();
  }
}

function nextTurn(): Promise<unknown> {
  return new Promise((resolve) => setImmediate(resolve));
}

function entryProblem(last: { seq: number; hash: string }, entry: EntryRow): string | undefined {
  if (entry.seq !== last.seq + 1) return 'the entry is missing';
  if (entryHash(last.hash, entry) !== entry.hash) return 'the entry was changed after it was written';
  return undefined;
}

function conclude(
  head: HeadRow | undefined,
  last: { seq: number; hash: string },
  key: Uint8Array,
): Verification {
  if (!head) return emptyLedger(last);
  const { seq, hash } = head;
  const problem = headProblem(head, last, key);
  const result = { entries: last.seq, head: { seq, hash } };
  return problem
    ? { ok: false, ...result, problem: { seq: last.seq + 1, reason: problem } }
    : { ok: true, ...result };
}

function emptyLedger(last: { seq: number }): Verification {
  if (last.seq === 0) return { ok: true, entries: 0, head: null };
  return {
    ok: false,
    entries: last.seq,
    head: null,
    problem: { seq: last.seq, reason: 'the head is missing' },
  };
}

function headProblem(
  head: HeadRow,
  last: { seq: number; hash: string },
  key: Uint8Array,
): string | undefined {
  if (head.seq !== last.seq) return `the ledger ends here, but ${head.seq} entries were written`;
  return isGenuine(head, key) && head.hash === last.hash
    ? undefined
    : 'the head does not belong to these entries';
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * Gatehouse moves the head with each entry that it writes. So it did not write an entry after the current
 * head.
 */
async function entryBehindHead(store: AuditStore): Promise<Partial<Verification>> {
  const [newest] = await store.latest(1);
  const head = await store.head();
  if (!newest || (head && newest.seq <= head.seq)) return {};
  const problem = { seq: (head?.seq ?? 0) + 1, reason: 'an entry was added after the head' };
  return { ok: false, problem };
}
