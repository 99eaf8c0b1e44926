// `gatehouse audit …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { management, toggle } from '../../flags.ts';

const auditTail = buildCommand({
  loader: async () => (await import('./tail.ts')).auditTail,
  parameters: {
    flags: {
      lines: {
        kind: 'parsed',
        parse: parseCount,
        default: '20',
        brief: 'How many entries',
        placeholder: 'N',
      },
      follow: toggle('Print new entries as they come; with --json, one document a line'),
      ...management,
    },
    aliases: { n: 'lines', f: 'follow' },
  },
  docs: { brief: 'Print the last entries of the ledger' },
});

const auditVerify = buildCommand({
  loader: async () => (await import('./verify.ts')).auditVerify,
  parameters: { flags: management },
  docs: { brief: "Check the ledger's chain of hashes" },
});

export const audit = buildRouteMap({
  routes: { tail: auditTail, verify: auditVerify },
  docs: { brief: 'The ledger: a record of what happened' },
});

function parseCount(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > 1000) throw new TypeError('expected a number from 1 to 1000');
  return count;
}
