// Turns a question into the input of the policies: the caller with all roles, the route of the path, and the
// context of such a request.
import type {
  AccessContext,
  AccessRequest,
  Clock,
  GatewayRoute,
  RoleInclusions,
  RouteTable,
} from '@gatehouse/access';
import { createEvaluations, GatehouseError, parameterFields } from '@gatehouse/access';
import type { Evaluation } from '@gatehouse/cedar';
import { recordValue } from '@gatehouse/cedar';
import { adminEntities } from '../permissions/admin-policy.ts';
import type { Permission } from '../permissions/permissions.ts';
import { isPermission } from '../permissions/permissions.ts';
import type { AskedQuestion, PolicyQuestion } from './policy-questions.ts';
import { withMembers } from './question-context.ts';
import type { People } from './question-parts.ts';
import { actionOf, principalOf, resourceOf } from './question-parts.ts';

export interface QuestionDeps {
  clock: Clock;
  people: People;
  permissions: readonly Permission[];
  roles: RoleInclusions;
  /** In their order. */
  routes: readonly GatewayRoute[];
  table: RouteTable;
  /** The host and port of the gateway, for paths. */
  host: string;
}

/** Throws `not_found`, `unprocessable`, and `policy_invalid` for a context that is not valid. */
export function ask(deps: QuestionDeps, question: PolicyQuestion): AskedQuestion {
  const action = actionOf(question.action);
  const about = isPermission(action) ? 'admin' : 'gateway';
  const request =
    about === 'admin' ? adminRequest(deps, question, action) : routeRequest(deps, question, action);
  const entities = about === 'admin' ? adminEntities(deps.permissions) : undefined;
  const evaluation = createEvaluations(deps.roles, entities)(request);
  return { evaluation: withContext(evaluation, question.context ?? {}), about };
}

function routeRequest(
  deps: QuestionDeps,
  { principal, resource }: PolicyQuestion,
  method: string,
): AccessRequest {
  const { route, path } = resourceOf(resource, method, deps);
  // A path with parameters is a pattern, so the values of the parameters are not known.
  const params = path === route.path ? new Map() : parameterFields(route.path, path);
  return {
    principal: principalOf(principal, deps.people),
    action: method,
    resource: route,
    context: { ...contextAt(deps.clock), method, path, params },
  };
}

function adminRequest(
  { permissions, people, clock }: QuestionDeps,
  question: PolicyQuestion,
  action: string,
): AccessRequest {
  if (!permissions.some(({ name }) => name === action)) {
    throw new GatehouseError('not_found', `There is no permission ${action}: docs/api.md lists them.`);
  }
  return {
    principal: principalOf(question.principal, people),
    action,
    resource: { id: question.resource },
    context: { ...contextAt(clock), method: 'GET', path: '/admin' },
  };
}

function contextAt(clock: Clock): Omit<AccessContext, 'method' | 'path'> {
  const tls = { version: 'TLSv1.3', group: 'X25519MLKEM768' };
  return { params: new Map(), address: '127.0.0.1', time: clock.now(), requestId: '', tls };
}

function withContext(evaluation: Evaluation, given: Readonly<Record<string, unknown>>): Evaluation {
  const context = recordValue(withMembers(evaluation.context.fields, given));
  const { principal, action, resource, entities, principalEntity, actionEntity, resourceEntity } = evaluation;
  return { principal, action, resource, context, entities, principalEntity, actionEntity, resourceEntity };
}
