// `gatehouse cert list`: the inventory, every page of it.
import type { CertificateFacts, CertificatePage } from '../../admin-api.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, remark, table } from '../../output.ts';
import type { CliContext } from '../../process.ts';
import { type Transport, withTransport } from '../../transport.ts';

export interface CertListFlags extends ManagementFlags {
  /** Seconds. */
  expiring?: number;
  status?: CertificateFacts['status'];
  profile?: string;
  name?: string;
}

const columns = ['SERIAL', 'NAMES', 'PROFILE', 'OWNER', 'EXPIRES', 'STATUS'];
const PAGE_CERTIFICATES = 500;

export async function certList(this: CliContext, flags: CertListFlags): Promise<void> {
  const certificates = await withTransport(this, flags, (transport) => readAll(transport, queryOf(flags)));
  if (flags.json) return printJson(this.process, certificates);
  if (certificates.length === 0) return remark(this.process, nothing(flags));
  const rows = certificates.map((certificate) => [
    certificate.serial,
    certificate.names,
    certificate.profile,
    certificate.owner?.name,
    certificate.notAfter,
    certificate.status,
  ]);
  print(this.process, table(columns, rows));
}

function queryOf({ expiring, status, profile, name }: CertListFlags): URLSearchParams {
  const query = new URLSearchParams({ limit: String(PAGE_CERTIFICATES) });
  const filters = { expiringSeconds: expiring?.toString(), status, profile, name };
  for (const [key, value] of Object.entries(filters)) if (value !== undefined) query.set(key, value);
  return query;
}

async function readAll(transport: Transport, query: URLSearchParams): Promise<CertificateFacts[]> {
  const all: CertificateFacts[] = [];
  for (let next: string | null = ''; next !== null; ) {
    if (next !== '') query.set('after', next);
    const page: CertificatePage = await transport.call('GET', `/admin/certificates?${query}`);
    all.push(...page.certificates);
    next = page.next;
  }
  return all;
}

function nothing({ expiring, status, profile, name }: CertListFlags): string {
  const filtered = [expiring, status, profile, name].some((filter) => filter !== undefined);
  return filtered ? 'no such certificates' : "no certificates yet: have one issued with 'cert issue NAME'";
}
