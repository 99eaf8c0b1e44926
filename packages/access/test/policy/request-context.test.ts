// The context of a request for policies: it has only known values.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valueText } from '@gatehouse/cedar';
import type { AccessContext } from '../../src/policy/policy.ts';
import { createPrincipalEntities } from '../../src/policy/principal-entities.ts';
import { createAddressFinder, RequestContext } from '../../src/policy/request-context.ts';
import type { Principal } from '../../src/principals/principal.ts';

const TIME = Date.UTC(2026, 10, 30, 12);
const alice: Principal = { kind: 'user', name: 'alice', roles: [], scopes: [], amr: ['pwd'], via: 'bearer' };

function texts(who: Partial<Principal> = {}, context: Partial<AccessContext> = {}): Record<string, string> {
  const principal = { ...alice, ...who };
  const known = createPrincipalEntities(new Map())(principal);
  const base = {
    method: 'GET',
    path: '/a',
    params: new Map(),
    address: 'socket',
    time: TIME,
    requestId: 'r',
  };
  const record = new RequestContext(
    { ...base, ...context },
    { principal, known, addressOf: createAddressFinder() },
  );
  const names = [...record.keys()];
  assert.equal(record.size, names.length);
  return Object.fromEntries(names.map((name) => [name, valueText(record.get(name) ?? false)]));
}

test('has only known members', () => {
  assert.deepEqual(Object.keys(texts()), [
    'method',
    'path',
    'params',
    'query',
    'headers',
    'time',
    'via',
    'amr',
    'scopes',
  ]);
});

test('has the way in, the age of the sign-in, the scopes, the binding, the key and the client', () => {
  const origin = { id: 'j', client: 'app', clientEpoch: 1, grant: undefined, actor: undefined };
  const found = texts({
    authTime: TIME / 1000 - 90,
    scopes: ['notes:read'],
    keyThumbprint: 'jkt',
    keyId: 'k1',
    tokenOrigin: origin,
  });
  assert.equal(found.via, '"bearer"');
  assert.equal(found.signInAge, 'duration("1m30s")');
  const ahead = texts({ authTime: TIME / 1000 + 3600 });
  assert.equal(ahead.signInAge, undefined, 'the clock was set back: a policy must not take it for new');
  assert.equal(found.scopes, '["notes:read"]');
  assert.equal(found.binding, '"dpop"');
  assert.equal(found.apiKey, 'ApiKey::"k1"');
  assert.equal(found.client, 'OAuthClient::"app"');
});

test('a certificate can bind a token; a certificate that is the credential is not a binding', () => {
  assert.equal(texts({ certificateThumbprint: 'x5t' }).binding, '"mtls"');
  assert.equal(texts({ certificateThumbprint: 'x5t', via: 'mtls' }).binding, undefined);
});

test('has the address in one form, and no address on a socket', () => {
  const address = (text: string) => texts({}, { address: text }).address;
  assert.equal(address('192.0.2.7'), 'ip("192.0.2.7/32")');
  assert.equal(address('::ffff:192.0.2.7'), 'ip("192.0.2.7/32")');
  assert.equal(address('fe80::1%eth0'), address('fe80::1'));
  assert.equal(address('socket'), undefined);
});

test('has the facts of TLS', () => {
  const tls = { version: 'TLSv1.3', group: 'X25519', certificateSerial: '0a' };
  assert.equal(
    texts({}, { tls }).tls,
    '{ version: "TLSv1.3", group: "X25519", certificate: { serial: "0a" } }',
  );
  assert.equal(texts({}, { tls: { version: 'TLSv1.2', group: '' } }).tls, '{ version: "TLSv1.2" }');
});

test('an address is parsed once, until 4,096 others were used', () => {
  const addressOf = createAddressFinder();
  const first = addressOf('10.0.0.0');
  for (let index = 1; index < 4096; index += 1) addressOf(`10.0.${index >> 8}.${index & 0xff}`);
  assert.equal(addressOf('10.0.0.0'), first);
  addressOf('10.1.0.0');
  assert.notEqual(addressOf('10.0.0.0'), first);
  assert.deepEqual(addressOf('10.0.0.0'), first);
});
