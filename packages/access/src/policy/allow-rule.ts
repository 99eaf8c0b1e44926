// The rule `allow` of a route as Cedar policies: one permits the callers in the rule, and others forbid all
// other callers. So the rule is the complete list: other policies can restrict it, but never extend it.
import type { ActionScopeJson, ExpressionJson, PolicyJson } from '@gatehouse/cedar';
import type { SectionPolicy } from './section-policy.ts';

/**
 * A route's own rule. One match in `roles` or `principals` is enough. The caller must have every scope in
 * `scopes`.
 */
export interface AllowRule {
  roles?: readonly string[] | undefined;
  principals?: readonly string[] | undefined;
  scopes?: readonly string[] | undefined;
}

/** The route of a rule, with its name in policies. */
export interface RuledRoute {
  policyName: string;
  /** Set only if other routes have the same name in policies: the methods of this route. */
  methods?: readonly string[];
}

/**
 * The policies of a route, by their ids: `route:/admin:allow` permits, and `route:/admin:only` and
 * `route:/admin:scopes` forbid all callers that the rule does not name.
 * @example
 * const policies = policiesOfRule({ policyName: '/admin' }, { roles: ['admin'] });
 */
export function policiesOfRule(route: RuledRoute, rule: AllowRule): [id: string, policy: SectionPolicy][] {
  const { policyName, methods } = route;
  const id = methods ? `route:${methods.join(',')} ${policyName}` : `route:${policyName}`;
  const scope: Scope = {
    principal: { op: 'All' },
    action: methods ? actionsIn(methods) : { op: 'All' },
    resource: { op: '==', entity: { type: 'Route', id: policyName } },
  };
  const [named, scoped] = [namedBy(rule), scopedBy(rule)];
  const conditions = [named, scoped].flatMap((body) => (body ? [{ kind: 'when', body } as const] : []));
  const policies: [string, PolicyJson][] = [[`${id}:allow`, { effect: 'permit', ...scope, conditions }]];
  if (named) policies.push([`${id}:only`, forbidUnless(scope, named)]);
  if (scoped) policies.push([`${id}:scopes`, forbidUnless(scope, scoped)]);
  return policies.map(([name, json]) => [name, { json }]);
}

type Scope = Pick<PolicyJson, 'principal' | 'action' | 'resource'>;

function forbidUnless(scope: Scope, body: ExpressionJson): PolicyJson {
  return { effect: 'forbid', ...scope, conditions: [{ kind: 'unless', body }] };
}

function actionsIn(methods: readonly string[]): ActionScopeJson {
  return { op: 'in', entities: methods.map((id) => ({ type: 'Action', id })) };
}

/** Undefined if the rule has only scopes. A rule without roles and principals allows no caller. */
function namedBy({ roles, principals, scopes }: AllowRule): ExpressionJson | undefined {
  if (roles === undefined && principals === undefined && scopes !== undefined) return undefined;
  const left = roles?.length ? inRoles(roles) : undefined;
  const right = principals?.length ? isOneOf(principals) : undefined;
  return left && right ? { '||': { left, right } } : (left ?? right ?? NEVER);
}

const NEVER: ExpressionJson = { Value: false };

function inRoles(roles: readonly string[]): ExpressionJson {
  const entities = roles.map((id) => ({ Value: { __entity: { type: 'Role', id } } }));
  return { in: { left: { Var: 'principal' }, right: { Set: entities } } };
}

function isOneOf(names: readonly string[]): ExpressionJson {
  const name = { '.': { left: { Var: 'principal' }, attr: 'name' } };
  return { contains: { left: setOf(names), right: name } };
}

function scopedBy({ scopes }: AllowRule): ExpressionJson | undefined {
  if (!scopes?.length) return undefined;
  const held = { '.': { left: { Var: 'context' }, attr: 'scopes' } };
  return { containsAll: { left: held, right: setOf(scopes) } };
}

function setOf(texts: readonly string[]): ExpressionJson {
  return { Set: texts.map((text) => ({ Value: text })) };
}
