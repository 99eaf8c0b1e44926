// The policy of the gateway: the rules of the routes, and the two built-in roles for routes without a rule.
// Everything that no rule allows is denied.
import type { Principal } from '../principals/principal.ts';
import type { Decision, Policy } from './policy.ts';

/**
 * A route's own rule. One match in `roles` or `principals` is enough. The caller must have every scope in
 * `scopes`.
 */
export interface AllowRule {
  roles?: readonly string[] | undefined;
  principals?: readonly string[] | undefined;
  scopes?: readonly string[] | undefined;
}

/** Plain data from which each worker compiles its policy: the rules of those routes that have one. */
export interface PolicySource {
  rules: ReadonlyMap<string, AllowRule>;
}

const READING = new Set(['GET', 'HEAD']);

/**
 * Compiles the rules of the routes. Routes without a rule have the two built-in roles.
 * @example
 * const policy = compilePolicy({ rules: new Map([['1:/admin', { roles: ['admin'] }]]) });
 * const { allowed, reason } = policy.decide(request);
 */
export function compilePolicy(source: PolicySource): Policy {
  return {
    decide({ principal, action, resource }) {
      const rule = source.rules.get(resource.id);
      return rule ? decideByRule(rule, principal) : decideByRole(principal, action);
    },
  };
}

function decideByRule(rule: AllowRule, principal: Principal): Decision {
  const missing = rule.scopes?.find((scope) => !principal.scopes.includes(scope));
  if (missing !== undefined) return { allowed: false, reason: `scope ${missing} is missing` };
  const anyone = rule.roles === undefined && rule.principals === undefined && rule.scopes !== undefined;
  if (anyone) return { allowed: true, reason: 'holds every scope' };
  if (rule.principals?.includes(principal.name)) return { allowed: true, reason: 'named by the route' };
  const role = rule.roles?.find((name) => principal.roles.includes(name));
  if (role !== undefined) return { allowed: true, reason: `role ${role}` };
  return { allowed: false, reason: 'neither role nor name is allowed by the route' };
}

/** The rule of the zero-configuration start: `admin` may do everything, `user` may read. */
function decideByRole(principal: Principal, action: string): Decision {
  if (principal.roles.includes('admin')) return { allowed: true, reason: 'role admin' };
  if (principal.roles.includes('user') && READING.has(action))
    return { allowed: true, reason: 'role user reads' };
  return { allowed: false, reason: `no role allows ${action}` };
}
