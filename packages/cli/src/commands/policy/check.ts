// `gatehouse policy check FILE...`: prints every mistake in policy files, and changes nothing.
import type { CheckedPolicies } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import { exitStatus } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, remark } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { counted } from './counted.ts';
import { printFindings } from './findings.ts';
import { readPolicyFiles, sent } from './policy-files.ts';

export async function policyCheck(
  this: CliContext,
  flags: ManagementFlags,
  ...paths: string[]
): Promise<void> {
  const files = await readPolicyFiles(paths);
  const checked = await withTransport(this, flags, (transport) =>
    transport.call<CheckedPolicies>('POST', '/admin/policies/check', { files: sent(files) }),
  );
  const { valid, findings, policies } = checked;
  if (!valid) this.process.exitCode = exitStatus.failed;
  if (flags.json) return printJson(this.process, checked);
  printFindings(this, findings, files);
  const warnings = findings.filter(({ severity }) => severity === 'warning').length;
  const errors = findings.length - warnings;
  const also = warnings > 0 ? ` and ${counted(warnings, 'warning')}` : '';
  if (!valid) return remark(this.process, `gatehouse: ${counted(errors, 'error')}${also}`);
  const result = warnings > 0 ? counted(warnings, 'warning') : 'no mistakes found';
  print(this.process, `${counted(policies, 'policy')} in ${counted(files.length, 'file')}: ${result}`);
}
