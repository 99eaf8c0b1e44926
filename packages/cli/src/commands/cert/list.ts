// `gatehouse cert list`: the inventory, every page of it.
import type { CertificateFacts } from '../../connection/admin-api.ts';
import { type PagedList, readPages } from '../../connection/pages.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printJson, remark } from '../../output/print.ts';
import { type Column, printTable } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';

export interface CertListFlags extends ManagementFlags {
  /** Seconds. */
  expiring?: number;
  status?: CertificateFacts['status'];
  profile?: string;
  name?: string;
  all?: boolean;
}

/**
 * Enough to identify a certificate: the first twelve digits are the time, and the others are random. --json
 * has all digits.
 */
const SERIAL_DIGITS = 20;

const columns: Column<CertificateFacts>[] = [
  { title: 'SERIAL', of: ({ serial }) => serial.slice(0, SERIAL_DIGITS) },
  { title: 'NAMES', of: ({ names }) => names, form: 'text' },
  { title: 'PROFILE', of: ({ profile }) => profile, leaveOut: 2 },
  { title: 'OWNER', of: ({ owner }) => owner?.name, form: 'text', leaveOut: 1 },
  { title: 'EXPIRES', of: ({ notAfter }) => notAfter, form: 'time' },
  { title: 'STATUS', of: ({ status }) => status, form: 'state' },
];

export async function certList(this: CliContext, flags: CertListFlags): Promise<void> {
  const found = await withTransport(this, flags, (transport) =>
    readPages<CertificateFacts>(transport, queryOf(flags)),
  );
  // Most users do not need the certificates that the authority issued to itself.
  const showsAll = flags.all === true || flags.profile !== undefined;
  const certificates = found.filter(({ source }) => showsAll || source !== 'system');
  if (flags.json) return printJson(this.process, certificates);
  if (certificates.length === 0) return remark(this.process, nothing(flags));
  printTable(this, columns, certificates);
}

function queryOf({ expiring, status, profile, name }: CertListFlags): PagedList {
  const query = { expiringSeconds: expiring?.toString(), status, profile, name };
  return { path: '/admin/certificates', member: 'certificates', query };
}

function nothing({ expiring, status, profile, name }: CertListFlags): string {
  const filtered = [expiring, status, profile, name].some((filter) => filter !== undefined);
  return filtered ? 'no such certificates' : "no certificates yet: get one with 'cert issue NAME'";
}
