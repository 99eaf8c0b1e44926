// `gatehouse policy …`: options and help.
import { buildCommand, buildRouteMap } from '@stricli/core';
import { argument, explained, management, repeated, toggle, value, withExamples } from '../../flags.ts';
import { parseVersion } from './version.ts';

const files = {
  kind: 'array',
  parameter: argument('Policy files in Cedar, or folders of them', 'FILE'),
  minimum: 1,
} as const;

const otherPolicies = repeated('Use these policy files instead of the policies in force', 'FILE');

const check = buildCommand({
  loader: async () => (await import('./check.ts')).policyCheck,
  parameters: { flags: management, positional: files },
  docs: {
    brief: 'Print the mistakes in policy files',
    fullDescription: withExamples(
      'Print every mistake in policy files, with its line and column, and warnings.\nNothing changes. The exit status is 1 if there is a mistake.',
      'gatehouse policy check policies',
      'gatehouse policy check reports.cedar notes.cedar',
    ),
  },
});

const format = buildCommand({
  loader: async () => (await import('./format.ts')).policyFormat,
  parameters: {
    flags: {
      check: toggle('Change nothing; exit with 1 if a file is not formatted'),
      json: toggle('Print one JSON document'),
    },
    positional: {
      ...files,
      parameter: argument('Policy files or folders; - formats standard input', 'FILE'),
    },
  },
  docs: explained(
    'Format policy files, without a server',
    'gatehouse policy format policies',
    'gatehouse policy format policies --check',
  ),
});

const show = buildCommand({
  loader: async () => (await import('./show.ts')).policyShow,
  parameters: {
    flags: {
      version: {
        kind: 'parsed',
        parse: parseVersion,
        optional: true,
        brief: 'Print this version (default: the version in force)',
        placeholder: 'NUMBER',
      },
      generated: toggle('Print the policies that `allow` and `require` of the routes stand for'),
      builtIn: toggle('Print the built-in policies of the admin API'),
      schema: toggle('Print the schema of Cedar: what policies can refer to'),
      ...management,
    },
  },
  docs: explained(
    'Print the policies in force',
    'gatehouse policy show',
    'gatehouse policy show --version 3',
  ),
});

const apply = buildCommand({
  loader: async () => (await import('./apply.ts')).policyApply,
  parameters: {
    flags: { note: value('Reason for the change, for the history', 'TEXT'), ...management },
    positional: files,
  },
  docs: {
    brief: 'Replace the policies; in force everywhere when the command returns',
    fullDescription: withExamples(
      'Replace the policies. They are in force everywhere when the command returns.\nIf one of them has a mistake, nothing changes.',
      'gatehouse policy apply policies --note "Managers read reports"',
    ),
  },
});

const history = buildCommand({
  loader: async () => (await import('./history.ts')).policyHistory,
  parameters: { flags: management },
  docs: explained('List the versions of the policies', 'gatehouse policy history'),
});

const rollback = buildCommand({
  loader: async () => (await import('./rollback.ts')).policyRollback,
  parameters: {
    flags: management,
    positional: {
      kind: 'tuple',
      parameters: [
        {
          parse: parseVersion,
          brief: "Number of the version: see 'gatehouse policy history'; 0: the default policies",
          placeholder: 'VERSION',
        },
      ],
    },
  },
  docs: explained('Apply an earlier version of the policies again', 'gatehouse policy rollback 3'),
});

const test = buildCommand({
  loader: async () => (await import('./test.ts')).policyTest,
  parameters: {
    flags: { policies: otherPolicies, ...management },
    positional: {
      kind: 'tuple',
      parameters: [argument('File with the expected decisions, in JSON', 'FILE')],
    },
  },
  docs: {
    brief: 'Compare decisions with those that a file expects',
    fullDescription: withExamples(
      'Compare decisions with those that a file expects, and print the differences.\nThe exit status is 1 if there is a difference. The file has a list in JSON:\n  [{ "name": "sales reads its report", "principal": "alice", "action": "GET",\n     "resource": "/reports/sales", "context": {}, "expect": "allow" }]',
      'gatehouse policy test expected.json',
      'gatehouse policy test expected.json --policies policies',
    ),
  },
});

const explain = buildCommand({
  loader: async () => (await import('./explain.ts')).policyExplain,
  parameters: {
    flags: {
      context: value('JSON file with members that replace those of the context', 'FILE'),
      policies: otherPolicies,
      ...management,
    },
    positional: {
      kind: 'tuple',
      parameters: [
        argument('Who asks: alice, service:billing or User::"alice"', 'PRINCIPAL'),
        argument('A method such as GET, or a permission such as ca:RevokeCertificate', 'ACTION'),
        argument('A path, a URL, or Route::"/notes/:id"', 'RESOURCE'),
      ],
    },
  },
  docs: {
    brief: 'Say which policies decide about a request, and why',
    fullDescription: withExamples(
      'Say which policies decide about a request, and what would have to be different\nfor it to be allowed. The exit status is 0 for both decisions.',
      'gatehouse policy explain alice GET /reports/sales',
      'gatehouse policy explain service:billing POST /invoices --context night.json',
    ),
  },
});

export const policy = buildRouteMap({
  routes: { check, format, show, apply, history, rollback, test, explain },
  docs: { brief: 'Policies in Cedar: who may do what, and why' },
});
