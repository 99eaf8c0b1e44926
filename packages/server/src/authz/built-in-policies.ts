// The policies of the admin API: its built-in roles, in Cedar. They are always in force. Applied policies can
// take away from them, and can give more to those whom they name.
//
// `operator` has no permission that would let it become an administrator: it creates no credential for
// others, and no certificate, password or backup.
import type { SectionPolicy } from '@gatehouse/access';
import type { ActionScopeJson } from '@gatehouse/access/cedar';

const OPERATOR_ACTIONS = [
  'admin:read',
  'acme:*',
  'audit:Verify',
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
  permit('admin', 'Administrators do everything.', 'admin', { op: 'All' }),
  permit(
    'operator',
    'Operators read everything, revoke, rotate and reload.',
    'operator',
    anyOf(OPERATOR_ACTIONS),
  ),
  permit('auditor', 'Auditors read everything.', 'auditor', anyOf(['admin:read', 'audit:Verify'])),
  permit('metrics', 'Monitoring reads the metrics.', 'metrics', anyOf(['server:ReadMetrics'])),
  [
    'built-in:account',
    {
      json: {
        effect: 'permit',
        principal: { op: 'is', entity_type: 'User' },
        action: anyOf(['account:*']),
        resource: { op: 'All' },
        conditions: [],
        annotations: { description: 'People manage their own account.' },
      },
    },
  ],
  [
    'built-in:account-of-people',
    {
      json: {
        effect: 'forbid',
        principal: { op: 'All' },
        action: anyOf(['account:*']),
        resource: { op: 'All' },
        conditions: [{ kind: 'unless', body: { is: { left: { Var: 'principal' }, entity_type: 'User' } } }],
        annotations: { description: 'Only people have an account.' },
      },
    },
  ],
]);

function permit(
  name: string,
  description: string,
  role: string,
  action: ActionScopeJson,
): [string, SectionPolicy] {
  return [
    `built-in:${name}`,
    {
      json: {
        effect: 'permit',
        principal: { op: 'in', entity: { type: 'Role', id: role } },
        action,
        resource: { op: 'All' },
        conditions: [],
        annotations: { description },
      },
    },
  ];
}

function anyOf(names: readonly string[]): ActionScopeJson {
  return { op: 'in', entities: names.map((id) => ({ type: 'Action', id })) };
}
