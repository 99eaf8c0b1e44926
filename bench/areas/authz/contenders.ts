// The engines, each used as its documentation recommends for decisions in one process. Data that is the same
// for all requests is prepared in advance.
import { readFileSync } from 'node:fs';
import type { MongoAbility } from '@casl/ability';
import { AbilityBuilder, createMongoAbility, subject } from '@casl/ability';
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { AccessRequest, Principal, SectionPolicy } from '@gatehouse/access';
import { compileGatewayPolicy } from '@gatehouse/access';
import type { PolicyJson } from '@gatehouse/cedar';
import { valueFromJson } from '@gatehouse/cedar';
import { newEnforcer, newModelFromString, StringAdapter } from 'casbin';
import type { Caller, Question, Rule, Setting } from './rules.ts';
import { CONTRACTOR, isWrite } from './rules.ts';

export type Decide = (question: Question) => boolean | Promise<boolean>;

export interface Engine {
  name: string;
  version: string;
  create(setting: Setting): Promise<Decide>;
}

function versionOf(name: string): string {
  const manifest = new URL(`../../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

export const ENGINES: Readonly<Record<string, () => Engine>> = {
  gatehouse: () => ({ name: 'Gatehouse', version: '', create: async (setting) => createGatehouse(setting) }),
  cedar: () => ({
    name: 'cedar-wasm',
    version: cedar.getCedarSDKVersion(),
    create: async (setting) => createCedar(setting),
  }),
  casbin: () => ({ name: 'casbin', version: versionOf('casbin'), create: createCasbin }),
  casl: () => ({
    name: 'CASL',
    version: versionOf('@casl/ability'),
    create: async (setting) => createCasl(setting),
  }),
};

function cedarText({ id, role, place, writes }: Rule): [id: string, text: string] {
  const more = writes ? ' && context.amr.contains("otp")' : '';
  return [
    id,
    `permit (principal in Role::"${role}", action in Action::"${writes ? 'write' : 'read'}", resource == Route::"${place}")
     when { principal has department && principal.department == context.params.department${more} };`,
  ];
}

function cedarTexts({ rules }: Setting): Record<string, string> {
  const forbid = `forbid (principal in Role::"${CONTRACTOR}", action, resource);`;
  return { ...Object.fromEntries(rules.map(cedarText)), contractors: forbid };
}

/** Like in a worker: the context is created for each request. */
function createGatehouse(setting: Setting): Decide {
  const policies = new Map(
    Object.entries(cedarTexts(setting)).map(([id, text]): [string, SectionPolicy] => {
      const parsed = cedar.policyToJson(text);
      if (parsed.type === 'failure') throw new Error(`${text}: ${JSON.stringify(parsed.errors)}`);
      return [id, { json: parsed.json as unknown as PolicyJson }];
    }),
  );
  const policy = compileGatewayPolicy({ policies, roles: new Map() });
  const principals = memoized((caller: Caller) => principalOf(caller));
  const resources = memoized((place: string) => ({ id: place }));
  return (question) => {
    const request: AccessRequest = {
      principal: principals(question.caller),
      action: question.method,
      resource: resources(question.place),
      context: {
        method: question.method,
        path: question.place,
        params: new Map([['department', valueFromJson(question.department)]]),
        address: '192.0.2.7',
        time: question.time,
        requestId: '',
      },
    };
    return policy.decide({ ...request, principal: withAmr(request.principal, question.amr) }).allowed;
  };
}

function principalOf({ name, roles, department, isContractor }: Caller): Principal {
  return {
    kind: 'user',
    name,
    roles: isContractor ? [...roles, CONTRACTOR] : roles,
    scopes: [],
    attributes: { department },
    amr: ['pwd'],
    via: 'bearer',
  };
}

const withFactor = new WeakMap<Principal, Principal>();

/** A caller with a second factor is another object, because it has another token. */
function withAmr(principal: Principal, amr: readonly string[]): Principal {
  if (!amr.includes('otp')) return principal;
  let known = withFactor.get(principal);
  if (!known) {
    known = { ...principal, amr };
    withFactor.set(principal, known);
  }
  return known;
}

function memoized<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new Map<Key, Value>();
  return (key) => {
    let value = known.get(key);
    if (value === undefined) {
      value = make(key);
      known.set(key, value);
    }
    return value;
  };
}

function createCedar(setting: Setting): Decide {
  const parsed = cedar.preparsePolicySet('bench', { staticPolicies: cedarTexts(setting) });
  if (parsed.type === 'failure') throw new Error(JSON.stringify(parsed.errors));
  const uid = (type: string, id: string) => ({ type, id });
  const plain = (uidOf: object, parents: object[], attrs: object = {}) => ({ uid: uidOf, attrs, parents });
  const actions = [
    plain(uid('Action', 'GET'), [uid('Action', 'read')]),
    plain(uid('Action', 'POST'), [uid('Action', 'write')]),
  ];
  const roles = [...setting.inclusions].map(([role, included]) =>
    plain(uid('Role', role), [uid('Role', included)]),
  );
  const entities = memoized((caller: Caller) => {
    const own = [uid('Role', caller.role), ...(caller.isContractor ? [uid('Role', CONTRACTOR)] : [])];
    return [plain(uid('User', caller.name), own, { department: caller.department }), ...roles, ...actions];
  });
  return (question) => {
    const { caller, method, place, department, amr } = question;
    const call = {
      principal: uid('User', caller.name),
      action: uid('Action', method),
      resource: uid('Route', place),
      context: { params: { department }, amr: [...amr] },
      preparsedPolicySetId: 'bench',
      entities: entities(caller),
    } as unknown;
    const answer = cedar.statefulIsAuthorized(call as cedar.StatefulAuthorizationCall);
    if (answer.type === 'failure') throw new Error(JSON.stringify(answer.errors));
    return answer.response.decision === 'allow';
  };
}

const MODEL = `
[request_definition]
r = sub, obj, act, dep, mfa
[policy_definition]
p = sub, obj, act, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = (p.obj == "*" || r.obj == p.obj) && (p.act == "*" || r.act == p.act) && g(r.sub.name, p.sub) && (p.eft == "deny" || (r.sub.department == r.dep && (p.act == "read" || r.mfa)))
`;

async function createCasbin({ rules, questions, inclusions }: Setting): Promise<Decide> {
  const callers = new Set(questions.map(({ caller }) => caller));
  const lines = [
    ...rules.map(({ role, place, writes }) => `p, ${role}, ${place}, ${writes ? 'write' : 'read'}, allow`),
    `p, ${CONTRACTOR}, *, *, deny`,
    ...[...inclusions].map(([role, included]) => `g, ${role}, ${included}`),
    ...[...callers].flatMap(({ name, role, isContractor }) => [
      `g, ${name}, ${role}`,
      ...(isContractor ? [`g, ${name}, ${CONTRACTOR}`] : []),
    ]),
  ];
  const enforcer = await newEnforcer(newModelFromString(MODEL), new StringAdapter(lines.join('\n')));
  return (question) => {
    const { caller, place, department, amr } = question;
    const act = isWrite(question) ? 'write' : 'read';
    return enforcer.enforce(caller, place, act, department, amr.includes('otp'));
  };
}

/** One ability for each caller, which is cached. */
function createCasl({ rules }: Setting): Decide {
  const abilities = memoized((caller: Caller): MongoAbility => {
    const { can, cannot, build } = new AbilityBuilder<MongoAbility>(createMongoAbility);
    for (const { role, place, writes } of rules) {
      if (!caller.roles.includes(role)) continue;
      const { department } = caller;
      if (writes) can('write', 'Place', { place, department, mfa: true });
      else can('read', 'Place', { place, department });
    }
    if (caller.isContractor) cannot('manage', 'all');
    return build();
  });
  return (question) => {
    const { caller, place, department, amr } = question;
    const asked = subject('Place', { place, department, mfa: amr.includes('otp') });
    return abilities(caller).can(isWrite(question) ? 'write' : 'read', asked);
  };
}
