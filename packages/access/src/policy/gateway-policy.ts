// The policy of the gateway: compiles the policies of the section, and decides with them. A request that no
// policy permits is denied, and a policy that forbids overrides all that permit.
import type { CedarAnswer, Entities, Entity, EntityUid, Evaluation } from '@gatehouse/cedar';
import { authorizerOf } from '@gatehouse/cedar';
import type { CompiledPolicies } from './compiled-policies.ts';
import { compilePolicies } from './compiled-policies.ts';
import type { AccessRequest, Decision, Policy, Resource } from './policy.ts';
import type { RoleInclusions } from './principal-entities.ts';
import { createPrincipalEntities } from './principal-entities.ts';
import { createRememberedDecisions } from './remembered-decisions.ts';
import { createAddressFinder, RequestContext } from './request-context.ts';
import type { RouteAction } from './route-entities.ts';
import { createRouteEntities } from './route-entities.ts';
import type { SectionPolicy } from './section-policy.ts';

/** Plain data from which each worker compiles its policy. */
export interface PolicySource {
  /** By id. */
  policies: ReadonlyMap<string, SectionPolicy>;
  roles: RoleInclusions;
}

/** A policy from which the next one can be compiled. */
export interface GatewayPolicy extends Policy {
  /** The policy for another source. Compiles only changed policies. Throws `policy_invalid`. */
  next(source: PolicySource): GatewayPolicy;
}

/** Creates a function that finds the resource and the action of a request as entities. */
export type CreateEntities = () => (resource: Resource, action: string) => RouteAction;

/**
 * Give `createEntities` for resources other than routes. Throws `policy_invalid` with the id of the policy.
 * @example
 * const policy = compileGatewayPolicy({ policies: defaultPolicies(), roles: new Map() });
 * const { allowed, reason } = policy.decide(request);
 */
export function compileGatewayPolicy(
  source: PolicySource,
  createEntities: CreateEntities = createRouteEntities,
): GatewayPolicy {
  return gatewayPolicy(compilePolicies(source.policies), entitiesWith(source.roles, createEntities()));
}

/** The entities of requests. They do not depend on policies, so they stay valid when policies change. */
interface KnownEntities {
  roles: RoleInclusions;
  entitiesOf: ReturnType<CreateEntities>;
  evaluationOf: ReturnType<typeof createEvaluations>;
}

function entitiesWith(roles: RoleInclusions, entitiesOf: ReturnType<CreateEntities>): KnownEntities {
  return { roles, entitiesOf, evaluationOf: createEvaluations(roles, () => entitiesOf) };
}

function gatewayPolicy(compiled: CompiledPolicies, known: KnownEntities): GatewayPolicy {
  const authorizer = authorizerOf([...compiled.values()].map((policy) => policy.compiled));
  const { entitiesOf, evaluationOf } = known;
  const alarms = alarmsAmong(compiled);
  const remembered = createRememberedDecisions();

  return {
    decide(request) {
      const about = entitiesOf(request.resource, request.action);
      const before = remembered.find(about, request.principal);
      if (before) return before;
      const evaluation = evaluationOf(request);
      const decision = decisionOf(authorizer.evaluate(evaluation), request, alarms);
      if (evaluation.context.wasAsked) return decision;
      const general = { ...decision, isGeneral: true };
      remembered.add(about, request.principal, general);
      return general;
    },
    next: ({ policies, roles }) =>
      gatewayPolicy(
        compilePolicies(policies, compiled),
        roles === known.roles ? known : entitiesWith(roles, entitiesOf),
      ),
  };
}

/**
 * Requests in the form for Cedar.
 * @example
 * const evaluation = createEvaluations(new Map())(request);
 */
export function createEvaluations(
  roles: RoleInclusions,
  createEntities: CreateEntities = createRouteEntities,
): (request: AccessRequest) => RequestEvaluation {
  const principalOf = createPrincipalEntities(roles);
  const entitiesOf = createEntities();
  const addressOf = createAddressFinder();
  return ({ principal, action: name, resource: about, context }) => {
    const known = principalOf(principal);
    const { resource, action } = entitiesOf(about, name);
    const record = new RequestContext(context, { principal, known, addressOf });
    return new RequestEvaluation(record, known.entity, { action, resource });
  };
}

/** A request with its entities. No other entities are known. */
class RequestEvaluation implements Evaluation, Entities {
  readonly principal: EntityUid;
  readonly action: EntityUid;
  readonly resource: EntityUid;
  readonly context: RequestContext;
  readonly principalEntity: Entity;
  readonly actionEntity: Entity;
  readonly resourceEntity: Entity;

  constructor(
    context: RequestContext,
    principal: Entity,
    { action, resource }: { action: Entity; resource: Entity },
  ) {
    this.principal = principal.uid;
    this.action = action.uid;
    this.resource = resource.uid;
    this.context = context;
    this.principalEntity = principal;
    this.actionEntity = action;
    this.resourceEntity = resource;
  }

  get entities(): Entities {
    return this;
  }

  get(key: string): Entity | undefined {
    if (key === this.principal.key) return this.principalEntity;
    if (key === this.resource.key) return this.resourceEntity;
    return key === this.action.key ? this.actionEntity : undefined;
  }
}

/** The ids of the policies with the annotation `@alarm`. */
function alarmsAmong(compiled: CompiledPolicies): ReadonlySet<string> {
  const ids = [...compiled].filter(([, { source }]) => source.json.annotations?.alarm !== undefined);
  return new Set(ids.map(([id]) => id));
}

const NONE: readonly string[] = [];

function decisionOf(
  { allowed, reasons, errors }: CedarAnswer,
  { action }: AccessRequest,
  alarms: ReadonlySet<string>,
): Decision {
  const raised = allowed && alarms.size > 0 ? reasons.filter((id) => alarms.has(id)) : NONE;
  const reason = allowed ? 'a policy permits it' : whyDenied(reasons, action);
  const decision = { allowed, reason, policies: reasons, alarms: raised };
  return errors.length === 0 ? decision : { ...decision, errors };
}

function whyDenied(forbidding: readonly string[], action: string): string {
  return forbidding.length === 0 ? `no policy permits ${action}` : `forbidden by ${forbidding.join(', ')}`;
}
