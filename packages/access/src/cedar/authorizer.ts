// The decision (https://docs.cedarpolicy.com/auth/authorization.html): a policy that forbids overrides all
// that permit, and what no policy permits is denied. A policy that fails is skipped and reported.
import type { Entities } from './entities.ts';
import { EvaluationError } from './evaluation-error.ts';
import type { CompiledPolicy } from './policy.ts';
import { compilePolicy } from './policy.ts';
import { indexPolicies } from './policy-index.ts';
import type { PolicySetJson } from './policy-json.ts';
import { policiesOf } from './policy-set.ts';
import type { CedarRequest } from './request.ts';
import { evaluationOf } from './request.ts';

/** A decision with everything that led to it. */
export interface CedarAnswer {
  readonly allowed: boolean;
  /** The policies that decided. None: no policy permits it. */
  readonly reasons: readonly string[];
  /** The policies that could not be evaluated. */
  readonly errors: readonly { policy: string; message: string }[];
}

export interface CedarAuthorizer {
  isAuthorized(request: CedarRequest, entities: Entities): CedarAnswer;
}

/**
 * Throws `policy_invalid` for a policy that uses what is not in the language.
 * @example
 * const authorizer = createAuthorizer({ staticPolicies: { readers: policy } });
 * const { allowed, reasons } = authorizer.isAuthorized({ principal, action, resource, context }, entities);
 */
export function createAuthorizer(policies: PolicySetJson): CedarAuthorizer {
  const find = indexPolicies(
    policiesOf(policies).map(({ id, json, slots }) => compilePolicy(id, json, slots)),
  );
  return {
    isAuthorized(request, entities) {
      const evaluation = evaluationOf(request, entities);
      const satisfied: Record<CompiledPolicy['effect'], string[]> = { permit: [], forbid: [] };
      const errors: { policy: string; message: string }[] = [];
      for (const policy of find(evaluation)) {
        try {
          if (policy.isSatisfied(evaluation)) satisfied[policy.effect].push(policy.id);
        } catch (error) {
          if (!(error instanceof EvaluationError)) throw error;
          errors.push({ policy: policy.id, message: error.message });
        }
      }
      const { permit, forbid } = satisfied;
      const isForbidden = forbid.length > 0;
      return { allowed: !isForbidden && permit.length > 0, reasons: isForbidden ? forbid : permit, errors };
    },
  };
}
