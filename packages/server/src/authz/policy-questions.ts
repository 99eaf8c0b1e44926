// Questions to the policies: how they decide about a request that has not been made, and why.
import type { Clock, SectionPolicy } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { CedarAnswer, Evaluation, PolicyExplanation } from '@gatehouse/access/cedar';
import { authorizerOf, explainPolicies, valueText } from '@gatehouse/access/cedar';
import type { PolicyFile } from './language/index.ts';
import type { PolicyVersions } from './policy-versions.ts';

export interface PolicyQuestion {
  principal: string;
  action: string;
  resource: string;
  /** Members of the context that are different, as JSON. */
  context?: Readonly<Record<string, unknown>> | undefined;
}

export interface PolicyAnswer {
  allowed: boolean;
  reason: string;
  /** The ids of the policies that decided. */
  policies: string[];
  errors: { policy: string; message: string }[];
  /** Those that apply, and the nearest others. */
  explanations: PolicyExplanation[];
  /** What was asked, in Cedar. */
  principal: string;
  action: string;
  resource: string;
  context: string;
}

export type Effect = 'allow' | 'deny';

export interface PolicyCase extends PolicyQuestion {
  name?: string | undefined;
  expect: Effect;
  /** The ids of those that must have decided. */
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

export interface PolicyQuestions {
  /** Throws `not_found`, `unprocessable`, `policy_invalid`. */
  explain(question: PolicyQuestion, files?: readonly PolicyFile[]): Promise<PolicyAnswer>;
  /** Throws as `explain` does, naming the case. */
  test(cases: readonly PolicyCase[], files?: readonly PolicyFile[]): Promise<PolicyCaseResult[]>;
}

type Policies = ReadonlyMap<string, SectionPolicy>;

/** A question in the terms of the policies. */
interface Asked {
  evaluation: Evaluation;
  kind: 'route' | 'server';
}

export interface PolicyQuestionsDeps {
  clock: Clock;
  /** The applied policies. */
  applied(): Policies;
  /** What a route's `allow` and `require` mean. */
  generated(): Policies;
  check: PolicyVersions['check'];
  ask(question: PolicyQuestion): Asked;
}

export function createPolicyQuestions({ applied, generated, check, ask }: PolicyQuestionsDeps): PolicyQuestions {
  /** The policies that decide: at the gateway, or in the admin API. */
  async function policiesWith(files: readonly PolicyFile[] | undefined): Promise<Record<Asked['kind'], Policies>> {
    const own = files ? await validPolicies(files) : applied();
    return { route: new Map([...generated(), ...own]), server: adminPolicies(own) };
  }

  async function validPolicies(files: readonly PolicyFile[]): Promise<Policies> {
    const { compiled, findings, valid } = await check(files);
    if (valid) return compiled;
    throw invalidPolicies(findings);
  }

  return {
    async explain(question, files) {
      const { evaluation, kind } = ask(question);
      const policies = (await policiesWith(files))[kind];
      const answer = decide(policies, evaluation);
      return { ...answer, explanations: nearest(explainPolicies(policySetOf(policies), evaluation)), ...texts(evaluation) };
    },
    async test(cases, files) {
      const policies = await policiesWith(files);
      return cases.map((each, index) => {
        const name = each.name ?? `${index + 1}: ${each.principal} ${each.action} ${each.resource}`;
        const { evaluation, kind } = asked(name, each);
        return resultOf(name, each, decide(policies[kind], evaluation));
      });
    },
  };
}
