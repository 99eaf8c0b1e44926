// The names of routes in policies, and the policies that their rules mean.
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

test('policies refer to a route by its name, or by its path after its host', () => {
  assert.deepEqual(
    names({ path: '/a', name: 'first' }, { path: '/b/:c/*', host: 'API.example' }, { path: '/*' }),
    ['first', 'api.example/b/:c/*', '/*'],
  );
});

test('routes with the same path have the same name, so a policy for the path applies to all its methods', () => {
  const both = names({ path: '/a', methods: ['GET'] }, { path: '/a' });
  assert.deepEqual(both, ['/a', '/a']);
});

test('refuses a name that another route has', () => {
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

test('if routes share a path, the rule of each applies to its methods', () => {
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

test('shows the sign-in that a route requires as a policy', () => {
  const { routes } = resolved({ path: '/a', require: 'mfa' }, { path: '/b' });
  assert.deepEqual([...policiesOfRequirements(routes).keys()], ['route:/a:require']);
});

test('refuses settings for policies on a public route', () => {
  for (const idle of [{ attributes: { a: 1 } }, { action: 'x' }, { query: ['q'] }, { headers: ['h'] }]) {
    assert.throws(
      () => resolved({ path: '/a', access: 'public', ...idle }),
      refusal('config_invalid', new RegExp(`remove access: 'public', or ${Object.keys(idle)[0]}`)),
    );
  }
});
