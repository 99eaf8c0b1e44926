// `gatehouse policy rollback VERSION`: applies an earlier version again, as a new version.
import type { AppliedPolicies } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { appliedText } from './apply.ts';

export async function policyRollback(
  this: CliContext,
  flags: ManagementFlags,
  version: number,
): Promise<void> {
  const applied = await withTransport(this, flags, (transport) =>
    transport.call<AppliedPolicies>('POST', '/admin/policies/rollback', { version }),
  );
  if (flags.json) return printJson(this.process, applied);
  const same = applied.changed ? `, as in version ${version}` : '';
  print(this.process, `${appliedText(applied)}${same}`);
}
