// `gatehouse audit verify`: checks the ledger's chain of hashes. Exits with 1 when it is broken.
import type { AuditVerification } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import { exitStatus } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

export async function auditVerify(this: CliContext, flags: ManagementFlags): Promise<void> {
  const result = await withTransport(this, flags, (transport) =>
    transport.call<AuditVerification>('POST', '/admin/audit/verify'),
  );
  if (!result.ok) this.process.exitCode = exitStatus.failed;
  if (flags.json) return printJson(this.process, result);
  print(this.process, describe(result));
}

function describe({ ok, entries, head, problem }: AuditVerification): string {
  if (ok) return visible(`the ledger is whole: ${entries} entries, head ${head?.hash ?? '-'}`);
  const where = problem === undefined ? '' : ` at entry ${problem.seq}: ${problem.reason}`;
  return visible(`the ledger is broken${where}`);
}
