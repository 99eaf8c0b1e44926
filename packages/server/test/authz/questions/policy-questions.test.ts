// Questions to the policies: the caller, the route of a path, and the reasons of a decision.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayRoute, SectionPolicy } from '@gatehouse/access';
import { createRouteTable, policiesOfRule } from '@gatehouse/access';
import type { PolicyQuestion } from '../../../src/authz/questions/policy-questions.ts';
import { createPolicyQuestions } from '../../../src/authz/questions/policy-questions.ts';
import { ask } from '../../../src/authz/questions/questions.ts';
import { refusal } from '../../support/errors.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { FACTS, readHere } from '../support.ts';

function gatewayRoute(path: string, other: Partial<GatewayRoute> = {}): GatewayRoute {
  return {
    id: path,
    policyName: path,
    position: 0,
    path,
    host: undefined,
    methods: undefined,
    upstream: 'http://127.0.0.1:3000',
    access: 'authenticated',
    accept: ['bearer'],
    maxBodyBytes: 0,
    ...other,
  };
}

const routes = [
  gatewayRoute('/reports/:department', { attributes: { kind: 'report' } }),
  gatewayRoute('/admin', { methods: ['GET'] }),
  gatewayRoute('/admin', { id: 'post', methods: ['POST'], attributes: { kind: 'form' } }),
];
const user = { roles: ['user'], disabled: false, tokenEpoch: 0 };
const people = {
  users: new Map([['alice', { ...user, groups: ['staff'], attributes: { department: 'sales' } }]]),
  services: new Map([['robot', { roles: ['user'] }]]),
};
const deps = {
  clock: createFakeClock(),
  people,
  routes,
  table: createRouteTable(routes),
  permissions: FACTS.permissions,
  roles: new Map([['user', ['reader']]]),
  host: 'localhost:8443',
};
const TEXT = `permit (principal is User, action, resource) when {
  resource has kind && resource.kind == "report" &&
  principal has department && principal.department == context.params.department
};
@id("night") forbid (principal, action, resource) when { context.time.toTime() < duration("6h") };`;

async function questionsWith(text = TEXT) {
  const read = async (files: readonly { name: string; text: string }[]) => {
    const { policies, findings } = await readHere(files, FACTS);
    return { valid: true, findings, compiled: policies };
  };
  const { compiled } = await read([{ name: 'own.cedar', text }]);
  const generated: ReadonlyMap<string, SectionPolicy> = new Map(
    policiesOfRule({ policyName: '/admin' }, { roles: ['admin'] }),
  );
  return createPolicyQuestions({
    applied: () => compiled,
    generated: () => generated,
    require: read,
    ask: (question) => ask(deps, question),
  });
}

const DAY = { time: '2026-05-04T12:00:00Z' };
const sales: PolicyQuestion = {
  principal: 'alice',
  action: 'GET',
  resource: '/reports/sales',
  context: DAY,
};

test('names the policies that decide, for every way to write the parts', async () => {
  const { explain } = await questionsWith();
  for (const principal of ['alice', 'user:alice', 'User::"alice"']) {
    for (const action of ['GET', 'get', 'Action::"GET"']) {
      for (const resource of ['/reports/sales', 'https://localhost:8443/reports/sales?page=2']) {
        const answer = await explain({ ...sales, principal, action, resource });
        assert.deepEqual([answer.allowed, answer.policies], [true, ['own.cedar#1']]);
        assert.equal(answer.reason, 'Permitted by own.cedar#1.');
        assert.deepEqual(
          [answer.principal, answer.resource],
          ['User::"alice"', 'Route::"/reports/:department"'],
        );
      }
    }
  }
});

test('a denial names the policy that almost permits the request, and the conditions that fail', async () => {
  const { explain } = await questionsWith();
  const { allowed, reason, policies, explanations } = await explain({ ...sales, resource: '/reports/hr' });
  assert.deepEqual([allowed, reason, policies], [false, 'No policy permits it.', []]);
  const [nearest] = explanations;
  assert.equal(nearest?.policy, 'own.cedar#1');
  assert.deepEqual(nearest?.failed, [
    {
      part: 'when',
      text: 'principal.department == context.params.department',
      values: [
        { text: 'principal.department', value: '"sales"' },
        { text: 'context.params.department', value: '"hr"' },
      ],
    },
  ]);
});

test('the given context replaces the context of a typical request', async () => {
  const { explain } = await questionsWith();
  const night = await explain({ ...sales, context: { time: '2026-05-04T03:00:00Z' } });
  assert.deepEqual([night.allowed, night.policies], [false, ['night']]);
  const context = { ...DAY, address: '10.0.0.7', signInAge: '10m', amr: ['pwd', 'otp'], via: null };
  const { context: text } = await explain({ ...sales, context });
  for (const member of ['address: ip("10.0.0.7/32")', 'signInAge: duration("10m")', 'amr: ["pwd", "otp"]']) {
    assert.ok(text.includes(member), member);
  }
  assert.doesNotMatch(text, /via/);
});

test('a route can be named without a path; its parameters then come from the context', async () => {
  const { explain } = await questionsWith();
  const resource = 'Route::"/reports/:department"';
  const { allowed } = await explain({
    ...sales,
    resource,
    context: { ...DAY, params: { department: 'sales' } },
  });
  assert.equal(allowed, true);
  const unknown = await explain({ ...sales, resource, context: DAY });
  assert.deepEqual([unknown.allowed, unknown.errors[0]?.policy], [false, 'own.cedar#1']);
});

test('the method selects among routes of one path', async () => {
  const { explain } = await questionsWith('permit (principal, action, resource) when { resource has kind };');
  const asked = { ...sales, resource: '/admin' };
  assert.equal((await explain({ ...asked, action: 'POST' })).policies[0], 'route:/admin:only');
  assert.equal(
    (await explain({ ...asked, action: 'POST' })).explanations.find(({ policy }) => policy === 'own.cedar#1')
      ?.applies,
    true,
  );
  assert.equal(
    (await explain(asked)).explanations.find(({ policy }) => policy === 'own.cedar#1')?.applies,
    false,
  );
});

test('asks the policies of the admin API about permissions', async () => {
  const { explain } = await questionsWith();
  const asked = { principal: 'alice', resource: 'Server::"control"', context: DAY };
  const denied = await explain({ ...asked, action: 'ca:RevokeCertificate' });
  assert.deepEqual([denied.allowed, denied.resource], [false, 'Server::"control"']);
  assert.deepEqual((await explain({ ...asked, action: 'account:EnrolTotp' })).policies, ['built-in:account']);
  assert.equal(
    (await explain({ ...asked, action: 'ca:RevokeCertificate', principal: 'Operator::"local"' })).allowed,
    true,
  );
});

test('other policies can be asked before they are applied', async () => {
  const { explain } = await questionsWith();
  const files = [{ name: 'new.cedar', text: 'permit (principal in Role::"reader", action, resource);' }];
  const { policies } = await explain({ ...sales, resource: '/reports/hr' }, files);
  assert.deepEqual(policies, ['new.cedar#1'], 'the role that user includes');
});

test('refuses a question about a caller, route or permission that does not exist', async () => {
  const { explain } = await questionsWith();
  const refused = (part: Partial<PolicyQuestion>) => explain({ ...sales, ...part });
  await assert.rejects(refused({ principal: 'zoe' }), refusal('not_found', /no user and no service "zoe"/));
  await assert.rejects(refused({ principal: 'service:alice' }), refusal('not_found', /no service "alice"/));
  await assert.rejects(
    refused({ principal: 'Role::"user"' }),
    refusal('unprocessable', /is a User or a Service/),
  );
  await assert.rejects(refused({ resource: '/none' }), refusal('not_found'));
  await assert.rejects(refused({ resource: 'none' }), refusal('unprocessable', /path such as/));
  await assert.rejects(refused({ resource: 'Route::"none"' }), refusal('not_found', /no route "none"/));
  await assert.rejects(refused({ action: 'ca:Nothing' }), refusal('not_found', /no permission ca:Nothing/));
  await assert.rejects(refused({ action: 'User::"x"' }), refusal('unprocessable', /method such as/));
  await assert.rejects(refused({ context: { amr: 1.5 } }), refusal('policy_invalid', /whole number/));
});

test('a case passes if the decision and the named policies are as expected', async () => {
  const { test: run } = await questionsWith();
  const results = await run([
    { ...sales, expect: 'allow', policies: ['own.cedar#1'] },
    { ...sales, expect: 'allow', policies: ['night'], name: 'by another' },
    { ...sales, principal: 'robot', expect: 'allow' },
  ]);
  assert.deepEqual(
    results.map(({ name, passed, actual }) => [name, passed, actual]),
    [
      ['1: alice GET /reports/sales', true, 'allow'],
      ['by another', false, 'allow'],
      ['3: robot GET /reports/sales', false, 'deny'],
    ],
  );
  await assert.rejects(
    run([{ ...sales, principal: 'zoe', expect: 'deny' }]),
    refusal('not_found', /^Case 1: zoe/),
  );
});
