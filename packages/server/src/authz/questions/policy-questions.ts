// Answers how the policies would decide about a request, and why.
import type { SectionPolicy } from '@gatehouse/access';
import { compilePolicies, GatehouseError } from '@gatehouse/access';
import type { Evaluation, PolicyExplanation } from '@gatehouse/cedar';
import { authorizerOf, explainPolicies, valueText } from '@gatehouse/cedar';
import type { PolicyFile } from '../language/index.ts';
import { adminPolicies } from '../permissions/admin-policy.ts';
import type { PolicyVersions } from '../versions/policy-versions.ts';
import { policySetOf } from './policy-set.ts';

export interface PolicyQuestion {
  principal: string;
  action: string;
  resource: string;
  /** Members of the context to replace, as JSON. */
  context?: Readonly<Record<string, unknown>> | undefined;
}

export interface PolicyAnswer {
  allowed: boolean;
  reason: string;
  /** The ids of the policies that decided. */
  policies: string[];
  errors: { policy: string; message: string }[];
  /** The policies that apply, and the policies that almost apply. */
  explanations: PolicyExplanation[];
  /** The question, in Cedar. */
  principal: string;
  action: string;
  resource: string;
  context: string;
}

export type Effect = 'allow' | 'deny';

export interface PolicyCase extends PolicyQuestion {
  name?: string | undefined;
  expect: Effect;
  /** The ids of the policies that must have decided. */
  policies?: readonly string[] | undefined;
}

export interface PolicyCaseResult {
  name: string;
  passed: boolean;
  expected: Effect;
  actual: Effect;
  policies: string[];
  expectedPolicies?: string[];
}

/** A question in the terms of Cedar. */
export interface AskedQuestion {
  evaluation: Evaluation;
  /** Whether it is about the gateway or about the admin API. */
  about: 'gateway' | 'admin';
}

export interface PolicyQuestions {
  /** Throws `not_found`, `unprocessable`, `policy_invalid`. */
  explain(question: PolicyQuestion, files?: readonly PolicyFile[]): Promise<PolicyAnswer>;
  /** Throws as `explain` does, naming the case. */
  test(cases: readonly PolicyCase[], files?: readonly PolicyFile[]): Promise<PolicyCaseResult[]>;
}

type Policies = ReadonlyMap<string, SectionPolicy>;

export interface PolicyQuestionsDeps {
  /** The applied policies. */
  applied(): Policies;
  /** The policies of `allow` and `require` of the routes. */
  generated(): Policies;
  require: PolicyVersions['require'];
  ask(question: PolicyQuestion): AskedQuestion;
}

export function createPolicyQuestions(deps: PolicyQuestionsDeps): PolicyQuestions {
  const { applied, generated, require, ask } = deps;

  async function policiesWith(files: readonly PolicyFile[] | undefined) {
    const own = files ? (await require(files)).compiled : applied();
    const sets = { gateway: new Map([...generated(), ...own]), admin: adminPolicies(own) };
    const decides = { gateway: decisions(sets.gateway), admin: decisions(sets.admin) };
    return { sets, decides };
  }

  return {
    async explain(question, files) {
      const { evaluation, about } = ask(question);
      const { sets, decides } = await policiesWith(files);
      const explanations = explainPolicies(policySetOf(sets[about]), evaluation, evaluation.entities);
      return { ...decides[about](evaluation), explanations: nearest(explanations), ...texts(evaluation) };
    },
    async test(cases, files) {
      const { decides } = await policiesWith(files);
      return cases.map((each, index) => {
        const name = each.name ?? `${index + 1}: ${each.principal} ${each.action} ${each.resource}`;
        const { evaluation, about } = inCase(name, () => ask(each));
        return resultOf(name, each, decides[about](evaluation));
      });
    },
  };
}

type Decided = Pick<PolicyAnswer, 'allowed' | 'reason' | 'policies' | 'errors'>;

function decisions(policies: Policies): (evaluation: Evaluation) => Decided {
  const compiled = [...compilePolicies(policies).values()].map((policy) => policy.compiled);
  const authorizer = authorizerOf(compiled);
  return (evaluation) => {
    const { allowed, reasons, errors } = authorizer.evaluate(evaluation);
    return {
      allowed,
      reason: reasonOf(allowed, reasons),
      policies: [...reasons],
      errors: errors.map((error) => ({ ...error })),
    };
  };
}

function reasonOf(allowed: boolean, policies: readonly string[]): string {
  if (policies.length === 0) return 'No policy permits it.';
  return `${allowed ? 'Permitted' : 'Forbidden'} by ${policies.join(', ')}.`;
}

const NEAREST = 10;

/** The policies that apply, and a few that would permit the request if fewer conditions failed. */
function nearest(explanations: readonly PolicyExplanation[]): PolicyExplanation[] {
  const others = explanations
    .filter(({ applies, effect }) => !applies && effect === 'permit')
    .sort((one, other) => failedScopes(one) - failedScopes(other))
    .slice(0, NEAREST);
  return [...explanations.filter(({ applies }) => applies), ...others];
}

/** A policy about other callers, actions or resources comes last, even if it has few conditions. */
function failedScopes({ failed }: PolicyExplanation): number {
  return failed.filter(({ part }) => part !== 'when' && part !== 'unless').length;
}

function texts({ principal, action, resource, context }: Evaluation) {
  return {
    principal: valueText(principal),
    action: valueText(action),
    resource: valueText(resource),
    context: valueText(context),
  };
}

function resultOf(name: string, { expect, policies }: PolicyCase, decided: Decided): PolicyCaseResult {
  const actual = decided.allowed ? 'allow' : 'deny';
  const isDecidedByThem = policies === undefined || areEqual(policies, decided.policies);
  return {
    name,
    passed: actual === expect && isDecidedByThem,
    expected: expect,
    actual,
    policies: decided.policies,
    ...(policies && { expectedPolicies: [...policies] }),
  };
}

function areEqual(one: readonly string[], other: readonly string[]): boolean {
  return one.toSorted().join('\n') === other.toSorted().join('\n');
}

function inCase<T>(name: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof GatehouseError)) throw error;
    throw new GatehouseError(error.code, `Case ${name}: ${error.message}`, { cause: error });
  }
}
