// What policies call the routes, and the policies that their rules mean.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveRoutes } from '../../../src/gateway/routes/configured-routes.ts';
import { policiesOfRequirements, policiesOfRules } from '../../../src/gateway/routes/route-policies.ts';
import type { ConfiguredRoute } from '../../../src/gateway/routes/route-settings.ts';
import { refusal } from '../../support/errors.ts';

function resolved(...given: (Partial<ConfiguredRoute> & { path: string })[]) {
  const routes = given.map((route): ConfiguredRoute => ({ access: 'authenticated', ...route }));
  return resolveRoutes(routes, {
    upstream: 'http://127.0.0.1:1',
    upstreams: {},
    maxBodyBytes: 1,
    maxSignedBytes: 1,
  });
}

const names = (...given: Parameters<typeof resolved>) =>
  resolved(...given).routes.map(({ policyName }) => policyName);

test('a route is called by its name, or by its path with its host in front', () => {
  assert.deepEqual(
    names({ path: '/a', name: 'first' }, { path: '/b/:c/*', host: 'API.example' }, { path: '/*' }),
    ['first', 'api.example/b/:c/*', '/*'],
  );
});

test('routes of one path have one name, so that a policy for the path holds for all its methods', () => {
  const both = names({ path: '/a', methods: ['GET'] }, { path: '/a' });
  assert.deepEqual(both, ['/a', '/a']);
});

test('a name that is taken is refused', () => {
  const taken = refusal('config_invalid', /the name \/b is also the name of the route \/b/);
  assert.throws(() => names({ path: '/a', name: '/b' }, { path: '/b' }), taken);
  assert.throws(
    () => names({ path: '/a', name: 'x' }, { path: '/b', name: 'x' }),
    refusal('config_invalid', /name x/),
  );
});

test('a rule becomes a policy that permits what it names, and others that forbid the rest', () => {
  const { routes, rules } = resolved(
    { path: '/a', allow: { roles: ['admin'], scopes: ['s'] } },
    { path: '/b' },
  );
  const policies = policiesOfRules(routes, rules);
  assert.deepEqual(
    [...policies].map(([id, { json }]) => [id, json.effect]),
    [
      ['route:/a:allow', 'permit'],
      ['route:/a:only', 'forbid'],
      ['route:/a:scopes', 'forbid'],
    ],
  );
});

test('if routes share a path, the rule of each is about the methods that come to it', () => {
  const { routes, rules } = resolved(
    { path: '/a', methods: ['GET'], allow: { roles: ['user'] } },
    { path: '/a', methods: ['GET', 'POST'], allow: { roles: ['admin'] } },
  );
  const policies = policiesOfRules(routes, rules);
  assert.deepEqual(
    [...policies.keys()],
    ['route:GET /a:allow', 'route:GET /a:only', 'route:POST /a:allow', 'route:POST /a:only'],
  );
  assert.deepEqual(policies.get('route:POST /a:only')?.json.action, {
    op: 'in',
    entities: [{ type: 'Action', id: 'POST' }],
  });
});

test('what a route requires of a sign-in can be seen as a policy', () => {
  const { routes } = resolved({ path: '/a', require: 'mfa' }, { path: '/b' });
  assert.deepEqual([...policiesOfRequirements(routes).keys()], ['route:/a:require']);
});

test('a public route has nothing for policies', () => {
  for (const idle of [{ attributes: { a: 1 } }, { action: 'x' }, { query: ['q'] }, { headers: ['h'] }]) {
    assert.throws(
      () => resolved({ path: '/a', access: 'public', ...idle }),
      refusal('config_invalid', new RegExp(`remove access: 'public', or ${Object.keys(idle)[0]}`)),
    );
  }
});
