// Remembered decisions: the same as if the policies were evaluated for each request.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExpressionJson, PolicyJson } from '@gatehouse/cedar';
import { compileGatewayPolicy } from '../../src/policy/gateway-policy.ts';
import type { AccessContext, AccessRequest } from '../../src/policy/policy.ts';
import { createRememberedDecisions } from '../../src/policy/remembered-decisions.ts';
import type { Principal } from '../../src/principals/principal.ts';

const ALICE: Principal = {
  kind: 'user',
  name: 'alice',
  roles: ['user'],
  scopes: ['read'],
  amr: ['pwd'],
  via: 'bearer',
};
const ROUTE = { id: '1:/notes', policyName: '/notes' };
const CONTEXT: AccessContext = {
  method: 'GET',
  path: '/notes/1',
  params: new Map([['id', '1']]),
  address: '192.0.2.7',
  time: 0,
  requestId: 'r1',
};

function permitWhen(body: ExpressionJson): PolicyJson {
  const all = { principal: { op: 'All' }, action: { op: 'All' }, resource: { op: 'All' } } as const;
  return { effect: 'permit', ...all, conditions: [{ kind: 'when', body }] };
}

function policyWhen(body: ExpressionJson, roles = new Map<string, string[]>()) {
  return compileGatewayPolicy({ policies: new Map([['p', { json: permitWhen(body) }]]), roles });
}

function asked(context: Partial<AccessContext> = {}, principal = ALICE, action = 'GET'): AccessRequest {
  return { principal, action, resource: ROUTE, context: { ...CONTEXT, ...context } };
}

const context = (attr: string): ExpressionJson => ({ '.': { left: { Var: 'context' }, attr } });
const equals = (left: ExpressionJson, right: unknown): ExpressionJson => ({
  '==': { left, right: { Value: right } as ExpressionJson },
});
const nested = (attr: string, name: string): ExpressionJson => ({ '.': { left: context(attr), attr: name } });

test('a decision that depends only on the caller is the same object for the next request', () => {
  const inRole: ExpressionJson = {
    in: { left: { Var: 'principal' }, right: { Value: { __entity: { type: 'Role', id: 'user' } } } },
  };
  const held: ExpressionJson = { contains: { left: context('scopes'), right: { Value: 'read' } } };
  for (const body of [inRole, held, equals(context('via'), 'bearer')]) {
    const policy = policyWhen(body);
    const first = policy.decide(asked());
    assert.equal(first.allowed, true);
    assert.equal(policy.decide(asked({ path: '/notes/2', address: '192.0.2.8', time: 9 })), first);
    assert.notEqual(policy.decide(asked({}, ALICE, 'PUT')), first);
    assert.notEqual(policy.decide(asked({}, { ...ALICE })), first);
  }
});

test('a decision that depends on any part of the request is made again', () => {
  const cases: [ExpressionJson, other: Partial<AccessContext>][] = [
    [equals(context('method'), 'GET'), { method: 'PUT' }],
    [equals(context('path'), '/notes/1'), { path: '/notes/2' }],
    [equals(nested('params', 'id'), '1'), { params: new Map([['id', '2']]) }],
    [{ has: { left: context('params'), attr: 'id' } }, { params: new Map() }],
    [{ has: { left: context('query'), attr: 'q' } }, {}],
    [{ has: { left: { Var: 'context' }, attr: 'tls' } }, { tls: { version: 'TLSv1.3', group: '' } }],
    [
      equals({ isInRange: [context('address'), { ip: [{ Value: '192.0.2.7' }] }] }, true),
      { address: '192.0.2.8' },
    ],
    [
      { '<': { left: context('time'), right: { datetime: [{ Value: '1970-01-02' }] } } },
      { time: 86_400_001 },
    ],
  ];
  for (const [body, other] of cases) {
    const policy = policyWhen(body);
    const usual = policy.decide(asked());
    const more = { query: new Map([['q', '1']]) };
    const changed = policy.decide(asked({ ...(Object.keys(other).length === 0 && more), ...other }));
    assert.notEqual(changed.allowed, usual.allowed, JSON.stringify(body));
    assert.equal(policy.decide(asked()).allowed, usual.allowed);
  }
});

test('a decision that compares or lists the whole context is made again', () => {
  const self = { Var: 'context' } as const;
  const policy = policyWhen({ '!=': { left: self, right: { Record: {} } } });
  assert.equal(policy.decide(asked()).allowed, true);
  assert.notEqual(policy.decide(asked()), policy.decide(asked()));
});

test('decisions are separate for each caller, route and method', () => {
  const remembered = createRememberedDecisions();
  const entity = { uid: { type: 'T', id: 'i', key: 'k' } } as never;
  const [read, write] = [
    { resource: entity, action: entity },
    { resource: entity, action: entity },
  ];
  const decision = { allowed: true, reason: '', policies: [], alarms: [] };
  remembered.add(read, ALICE, decision);
  assert.equal(remembered.find(read, ALICE), decision);
  assert.equal(remembered.find(write, ALICE), undefined);
  assert.equal(remembered.find(read, { ...ALICE }), undefined);
  const other = { ...decision, allowed: false };
  remembered.add(read, { ...ALICE }, other);
  assert.equal(remembered.find(read, ALICE), decision);
});
