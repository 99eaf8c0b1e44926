// `gatehouse policy history`: the versions of the policies, the newest first.
import type { PolicyVersionSummary } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printJson, remark } from '../../output/print.ts';
import type { Column } from '../../output/table.ts';
import { printTable } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';

const SHOWN_DIGITS = 12;

const columns: readonly Column<PolicyVersionSummary>[] = [
  { title: 'VERSION', of: ({ version }) => version },
  { title: 'APPLIED', of: ({ appliedAt }) => appliedAt, form: 'time' },
  { title: 'BY', of: ({ appliedBy }) => appliedBy?.name, form: 'text', least: 8 },
  { title: 'POLICIES', of: ({ policies }) => policies, leaveOut: 2 },
  { title: 'DIGEST', of: ({ digest }) => digest.slice(0, 'sha256:'.length + SHOWN_DIGITS), leaveOut: 1 },
  { title: 'NOTE', of: ({ note }) => note, form: 'text', least: 28 },
];

export async function policyHistory(this: CliContext, flags: ManagementFlags): Promise<void> {
  const { versions } = await withTransport(this, flags, (transport) =>
    transport.call<{ versions: PolicyVersionSummary[] }>('GET', '/admin/policies/versions'),
  );
  if (flags.json) return printJson(this.process, versions);
  if (versions.length === 0)
    return remark(this.process, "no policies were applied yet: 'policy show' prints the default");
  printTable(this, columns, versions);
}
