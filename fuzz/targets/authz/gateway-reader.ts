// The policy of the gateway beside Cedar's own evaluator, over a sequence of requests and changes. The
// gateway remembers decisions, and computes the context when a policy asks for it; Cedar does neither.
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { AccessContext, Principal } from '@gatehouse/access';
import { compileGatewayPolicy } from '@gatehouse/access';
import type { Random } from '../../harness/random.ts';
import type { GatewayRequest, GatewayState } from './gateway-world.ts';
import { anyGatewayRequest, anyState, changed } from './gateway-world.ts';
import { describeAnswer, requireSame } from './same-answer.ts';
import { REQUESTS } from './world.ts';

const NAME = 'gateway';

/** True if a request was allowed. Throws what differs. */
export function isSameAtGateway(random: Random): boolean {
  let state = anyState(random);
  let policy = compileGatewayPolicy(state);
  preparse(state);
  const allowed = Array.from({ length: REQUESTS }, () => {
    if (random.below(6) === 0) {
      const next = changed(random, state);
      if (next.policies !== state.policies) preparse(next);
      if (next.policies !== state.policies || next.roles !== state.roles) policy = policy.next(next);
      state = next;
    }
    const request = anyGatewayRequest(random, state);
    const { allowed: isAllowed, policies: reasons, errors = [] } = policy.decide(request);
    const ours = describeAnswer({ allowed: isAllowed, reasons, errors });
    requireSame(ours, cedarAnswer(request, state), { state, request });
    return isAllowed;
  });
  return allowed.includes(true);
}

function preparse({ policies }: GatewayState): void {
  const staticPolicies = Object.fromEntries([...policies].map(([id, { json }]) => [id, json]));
  const parsed = cedar.preparsePolicySet(NAME, { staticPolicies } as never);
  if (parsed.type === 'failure') throw new Error(`Cedar refused: ${JSON.stringify(parsed.errors)}`);
}

const uid = (type: string, id: string) => ({ type, id });

function cedarAnswer(request: GatewayRequest, { roles }: GatewayState): string {
  const { principal, action, resource, context } = request;
  const caller = uid(principal.kind === 'user' ? 'User' : 'Service', principal.name);
  const place = uid('Route', resource.policyName ?? '');
  const groups = [action === 'GET' ? 'read' : 'write', ...(resource.action ? [resource.action] : [])];
  const held = principal.roles.flatMap((role) => [role, ...(roles.get(role) ?? [])]);
  const parents = [
    ...held.map((role) => uid('Role', role)),
    ...(principal.groups ?? []).map((group) => uid('Group', group)),
  ];
  const answer = cedar.statefulIsAuthorized({
    principal: caller,
    action: uid('Action', action),
    resource: place,
    context: contextJson(principal, context),
    preparsedPolicySetId: NAME,
    entities: [
      { uid: caller, attrs: { ...principal.attributes, name: principal.name }, parents },
      { uid: place, attrs: resource.attributes ?? {}, parents: [] },
      { uid: uid('Action', action), attrs: {}, parents: groups.map((group) => uid('Action', group)) },
    ],
  } as never);
  if (answer.type === 'failure') throw new Error(`Cedar refused: ${JSON.stringify(answer.errors)}`);
  return describeAnswer(answer.response);
}

/** Written out a second time, so that a mistake in the first is found. */
function contextJson(principal: Principal, context: AccessContext): object {
  const { method, path, params, query, headers, address, time, tls } = context;
  const { via, amr, scopes, authTime, keyId, keyThumbprint, certificateThumbprint } = principal;
  const isMtls = keyThumbprint === undefined && via === 'bearer' && certificateThumbprint !== undefined;
  // A sign-in more than a minute ahead of the clock has no age.
  const hasAge = authTime !== undefined && authTime * 1000 - time <= 60_000;
  const extension = (fn: string, arg: string) => ({ __extn: { fn, arg } });
  return {
    method,
    path,
    params: members(params),
    query: members(query),
    headers: members(headers),
    ...(address !== 'socket' && { address: extension('ip', address) }),
    time: extension('datetime', new Date(time).toISOString()),
    ...(tls && {
      tls: {
        version: tls.version,
        ...(tls.group !== '' && { group: tls.group }),
        ...(tls.certificateSerial !== undefined && { certificate: { serial: tls.certificateSerial } }),
      },
    }),
    via,
    amr,
    ...(hasAge && { signInAge: extension('duration', `${time - authTime * 1000}ms`) }),
    scopes,
    ...((keyThumbprint !== undefined || isMtls) && { binding: isMtls ? 'mtls' : 'dpop' }),
    ...(keyId !== undefined && { apiKey: { __entity: uid('ApiKey', keyId) } }),
  };
}

function members(fields: AccessContext['params'] | undefined): object {
  return Object.fromEntries([...(fields?.keys() ?? [])].map((name) => [name, fields?.get(name)]));
}
