// The setting `require` of a route as an equivalent policy of Cedar. It is for people who read policies.
// Admission itself checks the requirement, because the answer is a challenge (RFC 9470).
import type { ExpressionJson, PolicyJson } from '@gatehouse/cedar';
import { UNLOCKS_A_KEY } from '../principals/authentication-strength.ts';
import type { StepUpRequirement } from '../principals/step-up-requirement.ts';
import type { SectionPolicy } from './section-policy.ts';

/**
 * `route:NAME:require`, with its policy.
 * @example
 * const [id, policy] = policyOfRequirement('/pay', { level: 'mfa', maxAgeSeconds: 900 });
 */
export function policyOfRequirement(
  policyName: string,
  { level, maxAgeSeconds }: StepUpRequirement,
): [id: string, policy: SectionPolicy] {
  const [first = ALWAYS, ...more] = [
    ...(level === 'mfa' ? [isMultiFactor()] : []),
    ...(level === 'phishing-resistant' ? [isPhishingResistant()] : []),
    ...(maxAgeSeconds === undefined ? [] : [isNewerThan(maxAgeSeconds)]),
  ];
  const json: PolicyJson = {
    effect: 'forbid',
    principal: { op: 'All' },
    action: { op: 'All' },
    resource: { op: '==', entity: { type: 'Route', id: policyName } },
    conditions: [{ kind: 'unless', body: more.reduce(both, first) }],
  };
  return [`route:${policyName}:require`, { json }];
}

function isMultiFactor(): ExpressionJson {
  return either(hasMethod('mfa'), both(hasMethod('hwk'), hasOneOf(UNLOCKS_A_KEY)));
}

function isPhishingResistant(): ExpressionJson {
  return either(hasOneOf(['phr', 'hwk']), isVia('mtls'));
}

/** The client proves a key or a certificate again with each request. */
function isNewerThan(seconds: number): ExpressionJson {
  const age = { '.': { left: CONTEXT, attr: 'signInAge' } };
  const isNew = { '<=': { left: age, right: { duration: [{ Value: `${seconds}s` }] } } };
  const hasAge = { has: { left: CONTEXT, attr: 'signInAge' } };
  const provesItself = either({ is: { left: { Var: 'principal' }, entity_type: 'Service' } }, isVia('mtls'));
  return either(both(hasAge, isNew), both({ '!': { arg: hasAge } }, provesItself));
}

const ALWAYS: ExpressionJson = { Value: true };
const CONTEXT: ExpressionJson = { Var: 'context' };
const METHODS: ExpressionJson = { '.': { left: CONTEXT, attr: 'amr' } };

function hasMethod(name: string): ExpressionJson {
  return { contains: { left: METHODS, right: { Value: name } } };
}

function hasOneOf(names: readonly string[]): ExpressionJson {
  return { containsAny: { left: METHODS, right: { Set: names.map((name) => ({ Value: name })) } } };
}

function isVia(way: string): ExpressionJson {
  return { '==': { left: { '.': { left: CONTEXT, attr: 'via' } }, right: { Value: way } } };
}

function both(left: ExpressionJson, right: ExpressionJson): ExpressionJson {
  return { '&&': { left, right } };
}

function either(left: ExpressionJson, right: ExpressionJson): ExpressionJson {
  return { '||': { left, right } };
}
