import assert from 'node:assert/strict';
import { test } from 'node:test';
import { permissionsOf } from '../../../src/authz/permissions/permissions.ts';
import type { Route } from '../../../src/platform/http/route.ts';
import { route } from '../../../src/platform/http/route.ts';

function row(method: Route['method'], permission: Route['permission']): Route {
  const name = `${method} ${permission}`;
  return route({ name, method, path: '/x', permission, summary: '', answers: {}, handle: unused });
}

function unused(): never {
  throw new TypeError('the handlers are not called');
}

test('a permission is in the group of its capability, and in `admin:read` or `admin:write`', () => {
  const routes = [
    row('POST', 'ca:RevokeCertificate'),
    row('GET', 'ca:ListCertificates'),
    row('GET', 'public'),
    row('GET', 'account:ListSessions'),
  ];
  assert.deepEqual(permissionsOf([{ routes }]), [
    { name: 'account:ListSessions', groups: ['account:*'] },
    { name: 'ca:ListCertificates', groups: ['ca:*', 'admin:read'] },
    { name: 'ca:RevokeCertificate', groups: ['ca:*', 'admin:write'] },
  ]);
});

test('a permission counts as writing if one of its routes writes', () => {
  const routes = [row('GET', 'tls:Handshakes'), row('POST', 'tls:Handshakes')];
  assert.deepEqual(permissionsOf([{ routes }]), [
    { name: 'tls:Handshakes', groups: ['tls:*', 'admin:write'] },
  ]);
});
