// Which entries of the ledger a command reads, and how it reads a page of them.
import type { AuditEntry } from '../../connection/admin-api.ts';
import type { Transport, TransportFlags } from '../../connection/transport.ts';
import type { PointInTime } from '../../input/point-in-time.ts';

export interface FilterFlags extends TransportFlags {
  request?: string;
  principal?: string;
  credential?: string;
  type?: string;
  outcome?: 'success' | 'failure';
  since?: PointInTime;
  until?: PointInTime;
}

/** Parameters of the query. `undefined` ones are not sent. */
export type LedgerFilter = Readonly<Record<string, string | undefined>>;

/** `now`: milliseconds since 1970. */
export function filterQuery(flags: FilterFlags, now: number): LedgerFilter {
  const { request: requestId, principal, credential, type, outcome, since, until } = flags;
  const at = (time: PointInTime | undefined) => time && new Date(time.before(now)).toISOString();
  return { requestId, principal, credential, type, outcome, since: at(since), until: at(until) };
}

export interface LedgerPage {
  entries: AuditEntry[];
  /** All entries up to this sequence number were searched. */
  searched: number;
}

/** Without `after`, the newest entries. */
export function readLedger(
  transport: Pick<Transport, 'call'>,
  { limit, after, filter }: { limit: number; after?: number; filter: LedgerFilter },
): Promise<LedgerPage> {
  const query = new URLSearchParams({ limit: String(limit) });
  if (after !== undefined) query.set('after', String(after));
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, value);
  return transport.call<LedgerPage>('GET', `/admin/audit?${query}`);
}
