// The hosts at which people can sign in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayRoute } from '../../src/routes/route-table.ts';
import { signInHosts } from '../../src/sign-in/hosts.ts';

const route = (host: string | undefined, accept: GatewayRoute['accept']) =>
  ({ host, accept }) as GatewayRoute;

test('the host of the gateway, and the hosts of routes, with its port', () => {
  const routes = [route(undefined, ['session']), route('shop.example', ['bearer', 'session'])];
  assert.deepEqual(
    [...signInHosts(routes, 'https://gw.example:8443')],
    ['gw.example:8443', 'shop.example:8443'],
  );
  assert.deepEqual([...signInHosts(routes, 'https://gw.example')], ['gw.example', 'shop.example']);
});

test('no host without a route that accepts sessions', () => {
  const routes = [route('api.example', ['bearer']), route(undefined, ['apiKey'])];
  assert.equal(signInHosts(routes, 'https://gw.example').size, 0);
});
