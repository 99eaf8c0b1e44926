// `gatehouse audit …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { management, toggle, value, withExamples } from '../../flags.ts';
import { parsePointInTime } from '../../input/point-in-time.ts';

const pointInTime = (brief: string) =>
  ({ kind: 'parsed', parse: parsePointInTime, optional: true, brief, placeholder: 'TIME' }) as const;

const filters = {
  request: value('Only entries of the request with this id, or its beginning', 'ID'),
  principal: value('Only acts of this user or service, and acts on them', 'NAME'),
  credential: value('Only entries about the API key or token with this id', 'ID'),
  type: value('Only entries of this type, such as identity.sign_in, or of a group, such as identity', 'TYPE'),
  outcome: {
    kind: 'enum',
    values: ['success', 'failure'],
    optional: true,
    brief: 'Only successes, or only failures',
  },
  since: pointInTime('Only entries since this time, such as 2030-01-31T12:00:00Z, or 2h for two hours ago'),
  until: pointInTime('Only entries before this time'),
} as const;

const tailBrief = 'Print the last entries of the ledger';

const auditTail = buildCommand({
  loader: async () => (await import('./tail.ts')).auditTail,
  parameters: {
    flags: {
      lines: {
        kind: 'parsed',
        parse: parseCount,
        default: '20',
        brief: 'Number of entries',
        placeholder: 'N',
      },
      follow: toggle('Print new entries as they come; with --json, one document on each line'),
      ...filters,
      ...management,
    },
    aliases: { n: 'lines', f: 'follow' },
  },
  docs: {
    brief: tailBrief,
    fullDescription: withExamples(
      tailBrief,
      'gatehouse audit tail --outcome failure --since 2h',
      'gatehouse audit tail --credential 2ubdimovt752s5jm --follow',
    ),
  },
});

const verifyBrief = "Check the ledger's chain of hashes, and compare it with heads that you stored";

const auditVerify = buildCommand({
  loader: async () => (await import('./verify.ts')).auditVerify,
  parameters: {
    flags: {
      witness: value(
        'Compare with the heads in this file: of a witness, or of earlier runs with --json',
        'FILE',
      ),
      witnessKeys: value(
        'Key set that you stored before: each head must be signed with one of its keys (default: the keys of the server; heads without a signature are accepted)',
        'FILE',
      ),
      ...management,
    },
  },
  docs: {
    brief: verifyBrief,
    fullDescription: withExamples(
      verifyBrief,
      'gatehouse audit verify --json >> heads.jsonl',
      'gatehouse audit verify --witness heads.jsonl --witness-keys ledger-keys.json',
    ),
  },
});

const { json: _, ...withoutJson } = management;
const exportBrief = 'Print the whole ledger, one JSON document on each line';

const auditExport = buildCommand({
  loader: async () => (await import('./export.ts')).auditExport,
  parameters: { flags: { ...filters, ...withoutJson } },
  docs: {
    brief: exportBrief,
    fullDescription: withExamples(
      exportBrief,
      'gatehouse audit export > ledger.jsonl',
      'gatehouse audit export --type gateway --since 2030-01-01 --until 2030-02-01',
    ),
  },
});

export const audit = buildRouteMap({
  routes: { tail: auditTail, export: auditExport, verify: auditVerify },
  docs: { brief: 'The ledger: a record of what happened' },
});

function parseCount(text: string): number {
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > 1000) throw new TypeError('expected a number from 1 to 1000');
  return count;
}
