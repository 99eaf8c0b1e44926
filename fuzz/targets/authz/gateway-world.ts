// What happens at a gateway: requests of few callers to few routes, so that decisions are remembered, and
// between them changes of callers, routes, roles and policies.

import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { AccessContext, Principal, Resource } from '@gatehouse/access';
import type { ExpressionJson, PolicyJson } from '@gatehouse/cedar';
import type { Random } from '../../harness/random.ts';

/** Everything that a decision depends on, except the request itself. */
export interface GatewayState {
  callers: readonly Principal[];
  routes: readonly Resource[];
  roles: ReadonlyMap<string, readonly string[]>;
  policies: ReadonlyMap<string, { json: PolicyJson }>;
}

export interface GatewayRequest {
  principal: Principal;
  action: string;
  resource: Resource;
  context: AccessContext;
}

const CALLERS = 2;
const ROUTES = 2;
/** Few, because a decision is remembered only if none of them asks for anything of the request. */
const POLICIES = 3;
const METHODS = ['GET', 'PUT'];

export function anyState(random: Random): GatewayState {
  return {
    callers: Array.from({ length: CALLERS }, () => anyCaller(random)),
    routes: Array.from({ length: ROUTES }, () => anyRoute(random)),
    roles: anyRoles(random),
    policies: new Map(
      Array.from({ length: 1 + random.below(POLICIES) }, (_, index) => [`policy${index}`, anyPolicy(random)]),
    ),
  };
}

/** Changes one thing. What does not change keeps its object, as in the sections of a worker. */
export function changed(random: Random, state: GatewayState): GatewayState {
  const { callers, routes, policies } = state;
  switch (random.below(6)) {
    case 0:
      return { ...state, roles: anyRoles(random) };
    case 1:
      return { ...state, routes: routes.with(random.below(ROUTES), anyRoute(random)) };
    case 2:
      return {
        ...state,
        policies: new Map([
          ...(random.below(3) === 0 ? [] : policies),
          [`policy${random.below(POLICIES)}`, anyPolicy(random)],
        ]),
      };
    default:
      return { ...state, callers: callers.with(random.below(CALLERS), anyCaller(random)) };
  }
}

export function anyGatewayRequest(random: Random, { callers, routes }: GatewayState): GatewayRequest {
  const method = random.pick(METHODS);
  return {
    principal: random.pick(callers),
    action: method,
    resource: random.pick(routes),
    context: anyContext(random, method),
  };
}

function some<T>(random: Random, all: readonly T[]): T[] {
  return all.filter(() => random.below(2) === 0);
}

function anyCaller(random: Random): Principal {
  const attributes = {
    level: random.pick([1, 2, 'high']),
    owner: random.pick([true, 'alice']),
    tags: ['a', 'b'],
  };
  return {
    kind: random.pick(['user', 'user', 'service']),
    name: random.pick(['alice', 'bob']),
    roles: some(random, ['user', 'admin', 'lead']),
    groups: some(random, ['staff', 'contractors']),
    attributes: Object.fromEntries(some(random, Object.entries(attributes))),
    scopes: some(random, ['read', 'write']),
    amr: some(random, ['pwd', 'mfa']),
    via: random.pick(['bearer', 'apiKey', 'mtls']),
    ...(random.below(2) === 0 && { authTime: random.pick([0, 86_000]) }),
    ...(random.below(3) === 0 && { keyId: random.pick(['key1', 'key2']) }),
    ...(random.below(3) === 0 && { keyThumbprint: 'thumbprint' }),
    ...(random.below(3) === 0 && { certificateThumbprint: 'thumbprint' }),
  };
}

function anyRoute(random: Random): Resource {
  return {
    id: `${random.below(9)}:/notes`,
    policyName: random.pick(['/notes/:owner', '/admin']),
    ...(random.below(2) === 0 && {
      attributes: { kind: random.pick(['note', 'report']), level: random.below(3) },
    }),
    ...(random.below(3) === 0 && { action: 'pay' }),
  };
}

function anyRoles(random: Random): Map<string, readonly string[]> {
  return new Map([['lead', some(random, ['user', 'admin'])]]);
}

function anyContext(random: Random, method: string): AccessContext {
  return {
    method,
    path: random.pick(['/notes/alice', '/notes/bob']),
    params: new Map(some(random, [['owner', random.pick(['alice', 'bob'])]])),
    query: new Map(some(random, [['q', random.pick(['1', '2'])]])),
    headers: new Map(some(random, [['x-reason', random.pick(['INC-1', 'no'])]])),
    address: random.pick(['127.0.0.1', '10.1.2.3', 'fe80::1', 'socket']),
    time: random.pick([0, 86_400_000, 90_000_000]),
    requestId: 'request',
    ...(random.below(2) === 0 && { tls: anyTls(random) }),
  };
}

function anyTls(random: Random): NonNullable<AccessContext['tls']> {
  return {
    version: 'TLSv1.3',
    group: random.pick(['', 'X25519MLKEM768']),
    ...(random.below(2) === 0 && { certificateSerial: '0a' }),
  };
}

const CONDITIONS = [
  'true',
  'context.method == "GET"',
  'context.path like "*/alice"',
  'context.params has owner && context.params.owner == principal.name',
  'context.params.owner == "alice"',
  'context.query has q',
  'context.query == { q: "1" }',
  'context.headers["x-reason"] like "INC-*"',
  'context has address && context.address.isInRange(ip("10.0.0.0/8"))',
  'context.address.isLoopback()',
  'context.time.toTime() >= duration("1h")',
  'context.time < datetime("1970-01-02")',
  'context has tls',
  'context.tls.group == "X25519MLKEM768"',
  'context has tls.certificate.serial',
  'context.via == "bearer"',
  'context.amr.contains("mfa")',
  'context has signInAge',
  'context has signInAge && context.signInAge < duration("15m")',
  'context.scopes.containsAny(["write"])',
  'context has binding && context.binding == "dpop"',
  'context.binding == "mtls"',
  'context has apiKey',
  'context.apiKey == ApiKey::"key1"',
  'context.missing',
  'context has missing',
  'context == context',
  'context == { via: "bearer" }',
  '[context].contains({})',
  '(if context has apiKey then context else {}) has time',
  '{ a: context }.a.via == "mtls"',
  'principal has level && principal.level > 1',
  'principal.level > 1',
  'principal has owner && principal.owner',
  'principal in [Role::"admin", Group::"staff"]',
  'principal in Role::"user"',
  'principal is Service',
  'principal == User::"alice"',
  'principal.name == "alice"',
  'action in Action::"read"',
  'action in [Action::"pay"]',
  'resource has kind && resource.kind == "note"',
  'resource.level > 0',
  'resource == Route::"/admin"',
].map(conditionOf);

function conditionOf(text: string): ExpressionJson {
  const answer = cedar.policyToJson(`permit (principal, action, resource) when { ${text} };`);
  if (answer.type === 'failure') throw new Error(`${text}: ${answer.errors[0]?.message}`);
  return (answer.json as unknown as PolicyJson).conditions[0]?.body as ExpressionJson;
}

function anyCondition(random: Random, depth: number): ExpressionJson {
  if (depth === 0 || random.below(2) === 0) return random.pick(CONDITIONS);
  if (random.below(4) === 0) return { '!': { arg: anyCondition(random, depth - 1) } };
  const [left, right] = [anyCondition(random, depth - 1), anyCondition(random, depth - 1)];
  return { [random.pick(['&&', '||'])]: { left, right } };
}

function anyPolicy(random: Random): { json: PolicyJson } {
  const role = { op: 'in', entity: { type: 'Role', id: random.pick(['user', 'admin']) } } as const;
  const json: PolicyJson = {
    effect: random.pick(['permit', 'permit', 'forbid']),
    principal: random.below(3) === 0 ? role : { op: 'All' },
    action: { op: 'All' },
    resource: { op: 'All' },
    conditions: [{ kind: random.pick(['when', 'unless']), body: anyCondition(random, 2) }],
  };
  return { json };
}
