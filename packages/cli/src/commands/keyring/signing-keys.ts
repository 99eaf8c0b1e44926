// How signing keys are printed.
import type { SigningKey } from '../../connection/admin-api.ts';
import type { ManagementFlags } from '../../flags.ts';
import { printJson } from '../../output/print.ts';
import { type Column, printTable } from '../../output/table.ts';
import type { CliContext } from '../../process.ts';

const STATES = { next: 'published', active: 'signs', retiring: 'only verifies' };

const columns: Column<SigningKey>[] = [
  { title: 'USE', of: ({ use }) => use },
  { title: 'KEY', of: ({ kid }) => kid, form: 'text' },
  { title: 'STATE', of: ({ state }) => STATES[state], form: 'state' },
  { title: 'SIGNS FROM', of: ({ signsAt }) => signsAt, form: 'time', leaveOut: 1 },
  { title: 'UNTIL', of: ({ endsAt }) => endsAt, form: 'time' },
];

export function showSigningKeys(
  context: CliContext,
  flags: ManagementFlags,
  keys: readonly SigningKey[],
): void {
  if (flags.json) printJson(context.process, keys);
  else printTable(context, columns, keys);
}
