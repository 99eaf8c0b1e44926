// The default policies of a gateway: the role `admin` may do everything, and the role `user` may read.
// Applied policies replace them.
import type { SectionPolicy } from './section-policy.ts';

/**
 * By their ids.
 * @example
 * const policies = new Map([...defaultPolicies(), ...generated]);
 */
export function defaultPolicies(): ReadonlyMap<string, SectionPolicy> {
  return new Map<string, SectionPolicy>([
    ['default:admin', { json: { ...permitRole('admin'), action: { op: 'All' } } }],
    ['default:user', { json: { ...permitRole('user'), action: { op: 'in', entities: READING } } }],
  ]);
}

// Not all safe methods, because it is less certain what an upstream does for others, such as OPTIONS.
const READING = ['GET', 'HEAD'].map((id) => ({ type: 'Action', id }));

function permitRole(role: string) {
  return {
    effect: 'permit',
    principal: { op: 'in', entity: { type: 'Role', id: role } },
    resource: { op: 'All' },
    conditions: [],
  } as const;
}
