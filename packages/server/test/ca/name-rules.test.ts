// Which names a rule lets through: exact ones, all below a domain, networks, and nothing by another spelling.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNameRules } from '../../src/ca/name-rules.ts';

const rules = createNameRules(['example.com', '*.Apps.example.com', '10.0.0.0/8', '192.0.2.7', 'fd00::/8']);

for (const name of [
  'example.com',
  'EXAMPLE.com',
  'a.apps.example.com',
  'a.b.apps.example.com',
  '*.apps.example.com',
  '10.255.0.1',
  '192.0.2.7',
  'fd12::1',
]) {
  test(`allows ${name}`, () => assert.ok(rules.allows(name)));
}

for (const name of [
  'a.example.com',
  'apps.example.com',
  'evilapps.example.com',
  'example.com.',
  '11.0.0.1',
  '192.0.2.8',
  'fe80::1',
  '::ffff:10.0.0.1',
  '',
]) {
  test(`does not allow ${JSON.stringify(name)}`, () => assert.ok(!rules.allows(name)));
}

test('an IPv6 network does not take in the IPv4 addresses that it could stand for', () => {
  assert.ok(!createNameRules(['::ffff:0:0/96']).allows('8.8.8.8'));
});

test('no rules allow every name', () => assert.ok(createNameRules([]).allows('anything.example')));

for (const rule of ['10.0.0.0/33', '10.0.0.0/-1', 'fd00::/129', 'example.com/8', '10.0.0.0/']) {
  test(`refuses the rule ${rule}`, () => assert.throws(() => createNameRules([rule]), TypeError));
}
