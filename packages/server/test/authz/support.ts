// What the policies of tests can name, and how they are read.
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { readPolicies, SchemaFacts } from '../../src/authz/language/index.ts';
import { readPolicyFiles } from '../../src/authz/language/read-policies.ts';

/** In this thread. A new one loads Cedar anew, which takes longer than most tests. */
export const readHere: typeof readPolicies = async (files, facts) => readPolicyFiles(cedar, files, facts);

export const FACTS: SchemaFacts = {
  routes: [
    {
      name: '/reports/:department',
      params: ['department'],
      attributes: { kind: 'report' },
      query: [],
      headers: [],
    },
  ],
  principalAttributes: new Map([['department', 'string']]),
  permissions: [
    { name: 'ca:ListCertificates', groups: ['ca:*', 'admin:read'] },
    { name: 'ca:RevokeCertificate', groups: ['ca:*', 'admin:write'] },
    { name: 'audit:Verify', groups: ['audit:*', 'admin:write'] },
    { name: 'authz:ExplainDecisions', groups: ['authz:*', 'admin:write'] },
    { name: 'ca:RotateIntermediate', groups: ['ca:*', 'admin:write'] },
    { name: 'identity:EndSession', groups: ['identity:*', 'admin:write'] },
    { name: 'identity:RevokeKey', groups: ['identity:*', 'admin:write'] },
    { name: 'keyring:Rotate', groups: ['keyring:*', 'admin:write'] },
    { name: 'server:ReadMetrics', groups: ['server:*', 'admin:read'] },
    { name: 'server:ReloadConfiguration', groups: ['server:*', 'admin:write'] },
    { name: 'acme:ListOrders', groups: ['acme:*', 'admin:read'] },
    { name: 'account:EnrolTotp', groups: ['account:*'] },
  ],
};
