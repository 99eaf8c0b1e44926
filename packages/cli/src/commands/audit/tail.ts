// `gatehouse audit tail`: prints the last entries of the ledger, and with --follow each new one.
import { setTimeout as pause } from 'node:timers/promises';
import type { AuditEntry } from '../../connection/admin-api.ts';
import { type Transport, withTransport } from '../../connection/transport.ts';
import { printJson, remark } from '../../output/print.ts';
import { type Column, createTable } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';
import { type FilterFlags, filterQuery, type LedgerFilter, readLedger } from './filter.ts';

const PAGE_ENTRIES = 100;
const POLL_MILLISECONDS = 1000;

export interface AuditTailFlags extends FilterFlags {
  lines: number;
  json?: boolean;
  follow?: boolean;
}

export async function auditTail(this: CliContext, flags: AuditTailFlags): Promise<void> {
  const table = createTable(this, columns, { absoluteTimes: flags.follow === true });
  const show = (entries: readonly AuditEntry[]) => {
    if (!flags.json) return table.print(entries);
    for (const entry of entries) printJson(this.process, entry);
  };
  await withTransport(this, flags, async (transport) => {
    const query = { limit: flags.lines, filter: filterQuery(flags, Date.now()) };
    const { entries: last, searched } = await readLedger(transport, query);
    if (flags.json && !flags.follow) return printJson(this.process, last);
    if (last.length === 0 && !flags.follow) return remark(this.process, 'no entry matches');
    show(last);
    if (!flags.follow || (await this.output.failure()) !== undefined) return;
    const wait = () => pause(POLL_MILLISECONDS);
    for await (const entry of entriesAfter(transport, { after: searched, filter: query.filter }, wait)) {
      show([entry]);
      if ((await this.output.failure()) !== undefined) return;
    }
  });
}

/** Every entry after `after` in order, without end. Calls `wait` when there are no new ones. */
export async function* entriesAfter(
  transport: Pick<Transport, 'call'>,
  { after: start, filter }: { after: number; filter: LedgerFilter },
  wait: () => Promise<unknown>,
): AsyncGenerator<AuditEntry> {
  for (let after = start; ; ) {
    const { entries, searched } = await readLedger(transport, { limit: PAGE_ENTRIES, after, filter });
    yield* entries;
    after = searched;
    if (entries.length < PAGE_ENTRIES) await wait();
  }
}

/** Enough of a request id to find it in the access log. */
const REQUEST_ID_CHARACTERS = 8;

const columns: Column<AuditEntry>[] = [
  { title: 'SEQ', of: ({ seq }) => seq, leaveOut: 2 },
  { title: 'TIME', of: ({ time }) => time, form: 'time', usual: 10 },
  { title: 'TYPE', of: ({ type }) => type, form: 'text', usual: 22, least: 22 },
  { title: 'WHO', of: ({ actor }) => actor.name, form: 'text', usual: 9, least: 9 },
  { title: 'WHAT', of: whatOf, form: 'text', usual: 19, least: 15 },
  {
    title: 'RESULT',
    of: resultOf,
    form: 'text',
    least: 14,
    style: ({ outcome }) => (outcome === 'success' ? 'green' : 'red'),
  },
  {
    title: 'REQUEST',
    of: ({ data }) => detail(data, 'requestId')?.slice(0, REQUEST_ID_CHARACTERS),
    leaveOut: 1,
  },
];

/** For a request, its method and path; otherwise the subject. */
function whatOf({ subject, data }: AuditEntry): string | null {
  const [method, path] = [detail(data, 'method'), detail(data, 'path')];
  return method === undefined || path === undefined ? subject : `${method} ${path}`;
}

function resultOf({ outcome, data }: AuditEntry): string {
  const reason = detail(data, 'reason');
  // Why a certificate was revoked, if someone said why.
  return (reason === 'unspecified' ? undefined : reason) ?? detail(data, 'code') ?? outcome;
}

/** A member of the data. Each type has different ones. */
function detail(data: AuditEntry['data'], member: string): string | undefined {
  const value = (data as Record<string, unknown>)[member];
  return typeof value === 'string' ? value : undefined;
}
