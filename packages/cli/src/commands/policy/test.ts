// `gatehouse policy test FILE`: compares decisions with the expected ones in a file.
import type { TestedPolicies } from '../../connection/admin-api.ts';
import { withTransport } from '../../connection/transport.ts';
import { exitStatus } from '../../exit-status.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, visible } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';
import { counted } from './counted.ts';
import { readJson } from './json-input.ts';
import { optionalFiles } from './policy-files.ts';

export interface PolicyTestFlags extends ManagementFlags {
  policies?: readonly string[];
}

export async function policyTest(this: CliContext, flags: PolicyTestFlags, file: string): Promise<void> {
  const cases = await readJson(file);
  const body = { cases, ...(await optionalFiles(flags.policies)) };
  const tested = await withTransport(this, flags, (transport) =>
    transport.call<TestedPolicies>('POST', '/admin/policies/test', body),
  );
  if (tested.failed > 0) this.process.exitCode = exitStatus.failed;
  if (flags.json) return printJson(this.process, tested);
  for (const result of tested.results) if (!result.passed) printDifference(this, result);
  const total = counted(tested.results.length, 'decision');
  print(
    this.process,
    tested.failed === 0 ? `${total}: all as expected` : `${total}: ${tested.failed} not as expected`,
  );
}

type Result = TestedPolicies['results'][number];

function printDifference({ process, screen }: CliContext, result: Result): void {
  const { name, expected, actual, policies, expectedPolicies } = result;
  print(process, screen.paint('bold', visible(name)));
  print(process, screen.paint('red', visible(`- ${decision(expected, expectedPolicies)}`)));
  print(process, screen.paint('green', visible(`+ ${decision(actual, policies)}`)));
}

function decision(effect: Result['expected'], policies: readonly string[] | undefined): string {
  if (policies === undefined) return effect;
  if (policies.length > 0) return `${effect}, by ${policies.join(', ')}`;
  return effect === 'deny' ? 'deny: no policy permits it' : effect;
}
