// The process of one round: `changes-process.ts` has the policies of 10,000 roles and 100,000 users with one
// decision each, changes one policy, and prints the cost as one line of JSON.
import * as cedar from '@cedar-policy/cedar-wasm/nodejs';
import type { AccessRequest, Principal, SectionPolicy } from '@gatehouse/access';
import { compileGatewayPolicy } from '@gatehouse/access';
import type { PolicyJson } from '@gatehouse/cedar';

export interface ChangeCost {
  /** Until all policies decide for the first time. */
  firstMs: number;
  /** Until one changed policy decides. */
  changeMs: number;
  /** Of the compiled policies with their index, and of the entities of all users. */
  megabytes: number;
}

const ROLES = 10_000;
const USERS = 100_000;

const template = jsonOf(
  'permit (principal in Role::"role-0", action in Action::"read", resource == Route::"/place-0") when { context.amr.contains("otp") };',
);
const policies = new Map(
  Array.from({ length: ROLES }, (_, index): [string, SectionPolicy] => [`policy-${index}`, policyOf(index)]),
);
const roles = new Map(
  Array.from({ length: ROLES }, (_, index) => [
    `role-${index}`,
    index % 10 === 0 ? [] : [`role-${index - 1}`],
  ]),
);
const users = Array.from({ length: USERS }, (_, index) => userOf(index));
const place = { id: '/place-0' };

const before = memory();
const start = performance.now();
let policy = compileGatewayPolicy({ policies, roles });
policy.decide(request(users[0] as Principal));
const firstMs = performance.now() - start;
for (const user of users) policy.decide(request(user));
const megabytes = (memory() - before) / 1e6;

const changed = new Map(policies).set('policy-5000', policyOf(5001));
const changeStart = performance.now();
policy = policy.next({ policies: changed, roles });
policy.decide(request(users[0] as Principal));
const cost: ChangeCost = { firstMs, changeMs: performance.now() - changeStart, megabytes };
console.log(JSON.stringify(cost));

function jsonOf(text: string): PolicyJson {
  const parsed = cedar.policyToJson(text);
  if (parsed.type === 'failure') throw new Error(JSON.stringify(parsed.errors));
  return parsed.json as unknown as PolicyJson;
}

function policyOf(index: number): SectionPolicy {
  const json = structuredClone(template);
  return { json: { ...json, principal: { op: 'in', entity: { type: 'Role', id: `role-${index}` } } } };
}

function userOf(index: number): Principal {
  return {
    kind: 'user',
    name: `user-${index}`,
    roles: [`role-${index % ROLES}`],
    scopes: [],
    amr: ['pwd', 'otp'],
    via: 'bearer',
  };
}

function request(principal: Principal): AccessRequest {
  const context = {
    method: 'GET',
    path: '/place-0',
    params: new Map(),
    address: '192.0.2.7',
    time: 0,
    requestId: '',
  };
  return { principal, action: 'GET', resource: place, context };
}

function memory(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
