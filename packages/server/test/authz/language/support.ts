// Reads policies in this thread, against a gateway with two routes.
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyFinding, ReadPolicies, SchemaFacts } from '../../../src/authz/language/index.ts';
import { readPolicyFiles } from '../../../src/authz/language/read-policies.ts';

export const FACTS: SchemaFacts = {
  routes: [
    {
      name: '/reports/:department',
      params: ['department'],
      attributes: { kind: 'report', level: 3, tags: ['a'], public: false },
      action: 'approve',
      query: ['tenant'],
      headers: ['x-tenant'],
    },
    { name: '/notes/*', params: [], attributes: { level: 'high' }, query: [], headers: [] },
  ],
  principalAttributes: new Map([
    ['department', 'string'],
    ['clearance', 'long'],
    ['regions', 'set'],
    ['shift', 'mixed'],
  ]),
  permissions: [
    { name: 'ca:RevokeCertificate', groups: ['ca', 'admin:write'] },
    { name: 'ca:ListCertificates', groups: ['ca', 'admin:read'] },
  ],
};

/** One file, `p.cedar`. */
export function read(text: string, facts: SchemaFacts = FACTS): ReadPolicies {
  return readPolicyFiles(cedar, [{ name: 'p.cedar', text }], facts);
}

export function readFiles(files: Readonly<Record<string, string>>): ReadPolicies {
  const list = Object.entries(files).map(([name, text]) => ({ name, text }));
  return readPolicyFiles(cedar, list, FACTS);
}

/** `line:column severity message`, with the help in brackets. */
export function inWords({ findings }: Pick<ReadPolicies, 'findings'>): string[] {
  return findings.map(words);
}

function words({ line, column, severity, message, help }: PolicyFinding): string {
  return `${line}:${column} ${severity} ${message}${help === undefined ? '' : ` [${help}]`}`;
}

/** A condition of a policy that permits. */
export function permitWhen(condition: string): string {
  return `permit (principal, action, resource) when { ${condition} };`;
}

export function forbidWhen(condition: string): string {
  return `forbid (principal, action, resource) when { ${condition} };`;
}
