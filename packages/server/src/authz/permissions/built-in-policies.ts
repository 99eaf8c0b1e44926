// The policies of the admin API: its built-in roles, in Cedar. They are always in force. Applied policies can
// forbid parts of them, and can permit more to the callers that they name.
//
// An `operator` must not be able to become an administrator. So this role cannot create credentials for
// others, certificates, passwords or backups.
import type { SectionPolicy } from '@gatehouse/access';
import type { ActionScopeJson, PolicyJson } from '@gatehouse/cedar';

const ANY = { op: 'All' } as const;

const OPERATOR_ACTIONS = [
  'admin:read',
  'acme:*',
  'audit:Verify',
  'authz:ExplainDecisions',
  'ca:RevokeCertificate',
  'ca:RotateIntermediate',
  'identity:EndSession',
  'identity:RevokeKey',
  'keyring:Rotate',
  'server:ReloadConfiguration',
];

/**
 * By id. `policy show --built-in` prints them as text.
 * @example
 * for (const [id, { json }] of BUILT_IN_POLICIES) console.log(id, json.effect);
 */
export const BUILT_IN_POLICIES: ReadonlyMap<string, SectionPolicy> = new Map([
  permit('admin', 'Administrators do everything.', { op: 'All' }),
  permit('operator', 'Operators read everything, revoke, rotate and reload.', anyOf(OPERATOR_ACTIONS)),
  permit(
    'auditor',
    'Auditors read everything.',
    anyOf(['admin:read', 'audit:Verify', 'authz:ExplainDecisions']),
  ),
  permit('metrics', 'Monitoring reads the metrics.', { op: '==', entity: named('server:ReadMetrics') }),
  aboutAccounts('account', {
    effect: 'permit',
    principal: { op: 'is', entity_type: 'User' },
    conditions: [],
    annotations: { description: 'People manage their own account.' },
  }),
  aboutAccounts('account-of-people', {
    effect: 'forbid',
    principal: { op: 'All' },
    conditions: [{ kind: 'unless', body: { is: { left: { Var: 'principal' }, entity_type: 'User' } } }],
    annotations: { description: 'Only people have an account.' },
  }),
]);

function permit(role: string, description: string, action: ActionScopeJson): [string, SectionPolicy] {
  const principal = { op: 'in', entity: { type: 'Role', id: role } } as const;
  const annotations = { description };
  const json: PolicyJson = {
    effect: 'permit',
    principal,
    action,
    resource: ANY,
    conditions: [],
    annotations,
  };
  return [`built-in:${role}`, { json }];
}

function aboutAccounts(name: string, json: Omit<PolicyJson, 'action' | 'resource'>): [string, SectionPolicy] {
  return [
    `built-in:${name}`,
    { json: { ...json, action: { op: 'in', entity: named('account:*') }, resource: ANY } },
  ];
}

function anyOf(names: readonly string[]): ActionScopeJson {
  return { op: 'in', entities: names.map(named) };
}

function named(id: string) {
  return { type: 'Action', id };
}
