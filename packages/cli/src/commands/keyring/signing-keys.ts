// How signing keys are printed.
import type { SigningKey } from '../../connection/admin-api.ts';
import type { ManagementFlags } from '../../flags.ts';
import { print, printJson, table } from '../../output/print.ts';
import type { CliContext } from '../../process.ts';

const STATES = { next: 'published', active: 'signs', retiring: 'only verifies' };

export function showSigningKeys(
  context: CliContext,
  flags: ManagementFlags,
  keys: readonly SigningKey[],
): void {
  if (flags.json) {
    printJson(context.process, keys);
    return;
  }
  const rows = keys.map(({ use, kid, state, signsAt, endsAt }) => [use, kid, STATES[state], signsAt, endsAt]);
  print(context.process, table(['USE', 'KEY', 'STATE', 'SIGNS FROM', 'UNTIL'], rows));
}
