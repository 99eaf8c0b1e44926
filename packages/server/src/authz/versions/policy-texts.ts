// The policies in force as text: the applied files, and the rules of routes and of the admin API in Cedar's
// syntax.
import type { SectionPolicy } from '@gatehouse/access';
import type { SchemaFacts } from '../language/index.ts';
import { policyText, schemaText } from '../language/index.ts';
import { BUILT_IN_POLICIES } from '../permissions/built-in-policies.ts';
import type { AppliedPolicies, PolicyVersion } from './applied-policies.ts';

export interface PolicyText {
  id: string;
  /** In Cedar. */
  text: string;
}

export interface PoliciesInForce {
  version: PolicyVersion;
  generated: PolicyText[];
  builtIn: PolicyText[];
}

export interface PolicyTexts {
  inForce(): PoliciesInForce;
  /** The facts that policies can refer to. */
  schema(): string;
}

export interface PolicyTextsDeps {
  applied: Pick<AppliedPolicies, 'current'>;
  /** The policies of `allow` and `require` of the routes. */
  generated(): ReadonlyMap<string, SectionPolicy>;
  facts(): SchemaFacts;
}

export function createPolicyTexts({ applied, generated, facts }: PolicyTextsDeps): PolicyTexts {
  return {
    inForce: () => ({
      version: applied.current,
      generated: textsOf(generated()),
      builtIn: textsOf(BUILT_IN_POLICIES),
    }),
    schema: () => schemaText(facts()),
  };
}

function textsOf(policies: ReadonlyMap<string, SectionPolicy>): PolicyText[] {
  return [...policies].map(([id, policy]) => ({ id, text: policyText(id, policy) }));
}
