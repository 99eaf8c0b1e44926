// `gatehouse policy apply FILE...`: replaces the policies.
import type { AppliedPolicies, CheckedPolicies } from '../../connection/admin-api.ts';
import type { Transport } from '../../connection/transport.ts';
import { withTransport } from '../../connection/transport.ts';
import { CliError, exitStatus } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { counted } from './counted.ts';
import { printFindings } from './findings.ts';
import type { PolicyFileAt } from './policy-files.ts';
import { readPolicyFiles, sent } from './policy-files.ts';

export interface PolicyApplyFlags extends ManagementFlags {
  note?: string;
}

export async function policyApply(
  this: CliContext,
  flags: PolicyApplyFlags,
  ...paths: string[]
): Promise<void> {
  const files = await readPolicyFiles(paths);
  const body = { files: sent(files), note: flags.note };
  const applied = await withTransport(this, flags, (transport) =>
    transport.call<AppliedPolicies>('PUT', '/admin/policies', body).catch(async (error) => {
      throw flags.json ? error : await withFindings(this, error, { transport, files });
    }),
  );
  if (flags.json) return printJson(this.process, applied);
  printFindings(this, applied.findings, files);
  print(this.process, appliedText(applied));
}

export function appliedText({ changed, version, policies }: AppliedPolicies): string {
  const count = counted(policies, 'policy');
  return changed
    ? `version ${version} is in force: ${count}`
    : `nothing changed: version ${version} has the same ${count}`;
}

/** If the server refuses the files because of mistakes, prints the mistakes. */
async function withFindings(
  context: CliContext,
  error: unknown,
  { transport, files }: { transport: Transport; files: readonly PolicyFileAt[] },
): Promise<unknown> {
  if (!(error instanceof CliError) || error.code !== 'policy_invalid') return error;
  const path = '/admin/policies/check';
  const { findings, valid } = await transport.call<CheckedPolicies>('POST', path, { files: sent(files) });
  if (valid) return error;
  printFindings(context, findings, files);
  return new CliError(exitStatus.failed, 'nothing changed: the policies are not valid', { cause: error });
}
