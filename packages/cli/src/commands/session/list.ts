// `gatehouse session list`: where people are signed in with a browser.
import type { Session } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printJson, remark } from '../../output/print.ts';
import type { Column } from '../../output/table.ts';
import { printTable } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';

export interface SessionListFlags extends ManagementFlags {
  user?: string;
}

const columns: readonly Column<Session>[] = [
  { title: 'ID', of: ({ id }) => id },
  { title: 'USER', of: ({ user }) => user, form: 'text', least: 8 },
  { title: 'AT', of: ({ host }) => host ?? 'control', form: 'text', least: 10 },
  { title: 'METHODS', of: ({ methods }) => methods, form: 'text', leaveOut: 2 },
  { title: 'FROM', of: ({ address }) => address, form: 'text', leaveOut: 3 },
  { title: 'SINCE', of: ({ createdAt }) => createdAt, form: 'time', leaveOut: 1 },
  { title: 'LAST USED', of: ({ lastSeenAt }) => lastSeenAt, form: 'time' },
];

export async function sessionList(this: CliContext, flags: SessionListFlags): Promise<void> {
  const { user, json } = flags;
  const query = user === undefined ? '' : `?${new URLSearchParams({ user })}`;
  const path = `/admin/sessions${query}`;
  const sessions = await withTransport(this, flags, (transport) => transport.call<Session[]>('GET', path));
  if (json) return printJson(this.process, sessions);
  if (sessions.length === 0) return remark(this.process, 'no one is signed in with a browser');
  printTable(this, columns, sessions);
}
