// Routes as resources, and methods as actions.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRouteEntities } from '../../src/policy/route-entities.ts';

test('a method is in the group read or write, and in the action of its route', () => {
  const entitiesOf = createRouteEntities();
  const above = (method: string, action?: string) =>
    [...entitiesOf({ id: '1:/a', action }, method).action.ancestors].sort();
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'QUERY', 'REPORT', 'SEARCH', 'TRACE'])
    assert.deepEqual(above(method), ['Action::"read"'], method);
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'get', 'MKCOL'])
    assert.deepEqual(above(method), ['Action::"write"'], method);
  assert.deepEqual(above('POST', 'approve'), ['Action::"approve"', 'Action::"write"']);
});

test('a route is the resource with its name, and exactly its declared attributes', () => {
  const route = { id: '7:/reports/:name', policyName: 'reports', attributes: { kind: 'report', level: 3 } };
  const entitiesOf = createRouteEntities();
  const { resource } = entitiesOf(route, 'GET');
  assert.equal(resource.uid.key, 'Route::"reports"');
  assert.deepEqual([...resource.attributes.keys()], ['kind', 'level']);
  assert.equal(entitiesOf(route, 'POST').resource, resource);
});
