// `gatehouse audit tail`: prints the last entries of the ledger, and with --follow each new one.
import { setTimeout as pause } from 'node:timers/promises';
import type { AuditEntry } from '../../connection/admin-api.ts';
import { type Transport, withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { cell, print, printJson } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

const PAGE_ENTRIES = 100;
const POLL_MILLISECONDS = 1000;

export interface AuditTailFlags extends ManagementFlags {
  lines: number;
  follow?: boolean;
}

export async function auditTail(this: CliContext, flags: AuditTailFlags): Promise<void> {
  const show = (entry: AuditEntry) =>
    flags.json ? printJson(this.process, entry) : print(this.process, formatEntry(entry));
  await withTransport(this, flags, async (transport) => {
    const last = await read(transport, `limit=${flags.lines}`);
    if (flags.json && !flags.follow) return printJson(this.process, last);
    for (const entry of last) show(entry);
    if (!flags.follow || (await this.output.failure()) !== undefined) return;
    const wait = () => pause(POLL_MILLISECONDS);
    for await (const entry of entriesAfter(transport, last.at(-1)?.seq ?? 0, wait)) {
      show(entry);
      if ((await this.output.failure()) !== undefined) return;
    }
  });
}

/** Every entry after `seq` in order, without end. Calls `wait` when there are no more for now. */
export async function* entriesAfter(
  transport: Pick<Transport, 'call'>,
  seq: number,
  wait: () => Promise<unknown>,
): AsyncGenerator<AuditEntry> {
  for (let after = seq; ; ) {
    const entries = await read(transport, `limit=${PAGE_ENTRIES}&after=${after}`);
    yield* entries;
    after = entries.at(-1)?.seq ?? after;
    if (entries.length < PAGE_ENTRIES) await wait();
  }
}

async function read(transport: Pick<Transport, 'call'>, query: string): Promise<AuditEntry[]> {
  const { entries } = await transport.call<{ entries: AuditEntry[] }>('GET', `/admin/audit?${query}`);
  return entries;
}

/** Enough of a request id to find it in the access log. */
const REQUEST_ID_CHARACTERS = 8;

function formatEntry({ seq, time, outcome, type, actor, subject, data }: AuditEntry): string {
  const { requestId, reason, code } = Object(data) as Record<string, unknown>;
  const columns = [String(seq).padStart(6), cell(time), cell(outcome).padEnd(7), cell(type).padEnd(24)];
  const request = cell(requestId).slice(0, REQUEST_ID_CHARACTERS).padEnd(REQUEST_ID_CHARACTERS);
  const why = reason ?? code;
  const rest = [request, cell(actor.name).padEnd(16), cell(subject).padEnd(why === undefined ? 0 : 24)];
  return [...columns, ...rest, ...(why === undefined ? [] : [cell(why)])].join('  ');
}
