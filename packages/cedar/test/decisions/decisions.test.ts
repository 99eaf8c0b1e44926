// Decisions from Cedar's JSON forms, for other programs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as wasm from '@cedar-policy/cedar-wasm/nodejs';
import { CedarError, createDecisions, EvaluationError } from '../../src/index.ts';
import type { PolicyJson } from '../../src/language/policy-json.ts';

const TEXT = `
permit (principal in Group::"staff", action == Action::"read", resource is Note)
when { resource.owner == principal && principal.hasTag("vip") && context.from.isInRange(ip("192.0.2.0/24")) };`;
const ALICE = { type: 'User', id: 'alice' };
const STAFF = { type: 'Group', id: 'staff' };
const NOTE = { type: 'Note', id: '1' };
const READ = { type: 'Action', id: 'read' };
const ENTITIES = [
  { uid: ALICE, tags: { vip: true }, parents: [STAFF] },
  { uid: NOTE, attrs: { owner: { __entity: ALICE } } },
  { uid: STAFF },
];
const CONTEXT = { from: { __extn: { fn: 'ip', arg: '192.0.2.7' } } };

function policies() {
  const parsed = wasm.policyToJson(TEXT);
  if (parsed.type === 'failure') throw new Error(parsed.errors[0]?.message);
  return { staticPolicies: { own: parsed.json as PolicyJson } };
}

test('decides from policies, entities and questions in the JSON forms of Cedar', () => {
  const { isAuthorized } = createDecisions(policies(), ENTITIES);
  const question = { principal: ALICE, action: READ, resource: NOTE, context: CONTEXT };
  assert.deepEqual(isAuthorized(question), { allowed: true, reasons: ['own'], errors: [] });
  const away = { from: { __extn: { fn: 'ip', arg: '198.51.100.7' } } };
  const others = [
    { ...question, principal: { type: 'User', id: 'bob' } },
    { ...question, action: { type: 'Action', id: 'edit' } },
    { ...question, resource: { type: 'Page', id: '1' } },
    { ...question, context: away },
  ];
  for (const other of others) {
    assert.deepEqual(isAuthorized(other), { allowed: false, reasons: [], errors: [] });
  }
});

test('a question without a context has an empty one, and a policy that needs more is reported', () => {
  const { isAuthorized } = createDecisions(policies(), ENTITIES);
  const { allowed, errors } = isAuthorized({ principal: ALICE, action: READ, resource: NOTE });
  assert.equal(allowed, false);
  assert.deepEqual(
    errors.map(({ policy }) => policy),
    ['own'],
  );
});

test('entities are optional, and invalid ones are refused', () => {
  assert.equal(
    createDecisions(policies()).isAuthorized({ principal: ALICE, action: READ, resource: NOTE }).allowed,
    false,
  );
  assert.throws(() => createDecisions(policies(), [{ uid: ALICE, parents: [ALICE] }]), CedarError);
  assert.throws(() => createDecisions(policies(), [{ uid: ALICE, attrs: { age: 1.5 } }]), CedarError);
  assert.throws(() => createDecisions(policies(), [{ uid: { type: 'User' } as never }]), CedarError);
});

test('a question that is not in the JSON form of Cedar is refused', () => {
  const { isAuthorized } = createDecisions(policies(), ENTITIES);
  const question = { principal: ALICE, action: READ, resource: NOTE };
  for (const place of ['principal', 'action', 'resource']) {
    assert.throws(() => isAuthorized({ ...question, [place]: { type: 'User' } }), CedarError);
  }
  assert.throws(() => isAuthorized({ ...question, context: { from: null } }), CedarError);
  const noAddress = { from: { __extn: { fn: 'ip', arg: 'here' } } };
  assert.throws(() => isAuthorized({ ...question, context: noAddress }), EvaluationError);
});
