// The decision (https://docs.cedarpolicy.com/auth/authorization.html): a policy that forbids overrides all
// that permit, and a request that no policy permits is denied. A policy that fails is skipped and reported.
import type { Entities } from '../entities/entities.ts';
import type { CedarRequest, Evaluation } from '../entities/request.ts';
import { evaluationOf } from '../entities/request.ts';
import { EvaluationError } from '../evaluation-error.ts';
import type { PolicySetJson } from '../language/policy-json.ts';
import type { CompiledPolicy } from '../policies/policy.ts';
import { compilePolicy } from '../policies/policy.ts';
import { policiesOf } from '../policies/policy-set.ts';
import { indexPolicies } from '../policy-index/policy-index.ts';

/** A decision with its reasons. */
export interface CedarAnswer {
  readonly allowed: boolean;
  /** The policies that decided. None: no policy permits it. */
  readonly reasons: readonly string[];
  /** The policies that could not be evaluated. */
  readonly errors: readonly { policy: string; message: string }[];
}

/** Decides by one set of policies. */
export interface CedarAuthorizer {
  isAuthorized(request: CedarRequest, entities: Entities): CedarAnswer;
  evaluate(evaluation: Evaluation): CedarAnswer;
}

/**
 * Throws a `CedarError` for a policy with an element that is not in the language.
 * @example
 * const authorizer = createAuthorizer({ staticPolicies: { readers: policy } });
 * const { allowed, reasons } = authorizer.isAuthorized({ principal, action, resource, context }, entities);
 */
export function createAuthorizer(policies: PolicySetJson): CedarAuthorizer {
  return authorizerOf(policiesOf(policies).map(({ id, json, slots }) => compilePolicy(id, json, slots)));
}

/**
 * For compiled policies.
 * @example
 * const { allowed } = authorizerOf([compilePolicy('readers', json)]).evaluate(evaluation);
 */
export function authorizerOf(policies: readonly CompiledPolicy[]): CedarAuthorizer {
  const find = indexPolicies(policies);

  function evaluate(evaluation: Evaluation): CedarAnswer {
    const found: Found = { permit: undefined, forbid: undefined, errors: undefined };
    for (const policy of find(evaluation)) {
      try {
        if (policy.conditionsHold(evaluation)) add(found, policy);
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        found.errors ??= [];
        found.errors.push({ policy: policy.id, message: error.message });
      }
    }
    const { permit, forbid, errors = NO_ERRORS } = found;
    if (forbid) return { allowed: false, reasons: forbid, errors };
    return permit ? { allowed: true, reasons: permit, errors } : { allowed: false, reasons: NONE, errors };
  }

  return {
    evaluate,
    isAuthorized: (request, entities) => evaluate(evaluationOf(request, entities)),
  };
}

/** The ids of the policies that apply. Most requests need only one of the lists. */
interface Found extends Record<CompiledPolicy['effect'], string[] | undefined> {
  errors: { policy: string; message: string }[] | undefined;
}

function add(found: Found, { effect, id }: CompiledPolicy): void {
  const ids = found[effect];
  if (ids) ids.push(id);
  else found[effect] = [id];
}

const NONE: readonly string[] = [];
const NO_ERRORS: CedarAnswer['errors'] = [];
