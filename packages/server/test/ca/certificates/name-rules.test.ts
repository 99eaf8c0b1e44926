// The names that rules allow: exact names, all names below a domain, networks, and none in another spelling.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createNameRules } from '../../../src/ca/certificates/name-rules.ts';
import { principalName } from '../../../src/identity/names.ts';

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

test('an IPv6 network does not allow IPv4 addresses that it could also express', () => {
  assert.ok(!createNameRules(['::ffff:0:0/96']).allows('8.8.8.8'));
});

test('no rules allow every name', () => assert.ok(createNameRules([]).allows('anything.example')));

const advice =
  'write a name such as example.com, or *.example.com for all below it, or a network such as 10.0.0.0/8';
const notNetworks = [
  '10.0.0.0/33',
  '10.0.0.0/-1',
  'fd00::/129',
  'example.com/8',
  '10.0.0.0/',
  '10.0.0.0/8/8',
  'https://example.com',
  'fe80::1%eth0',
  '/',
];

for (const rule of notNetworks) {
  test(`refuses the rule ${rule}, which is no network`, () => {
    const message = `${JSON.stringify(rule)} is neither an IP address nor a network in CIDR form; ${advice}`;
    assert.throws(() => createNameRules(['example.com', rule]), { name: 'TypeError', message });
  });
}

const notNames: [rule: string, problem: string][] = [
  ['a b', 'is not a domain name (RFC 1034 §3.5)'],
  ['foo bar', 'is not a domain name (RFC 1034 §3.5)'],
  ['', 'is not a domain name (RFC 1034 §3.5)'],
  [' example.com', 'is not a domain name (RFC 1034 §3.5)'],
  ['*', 'is not a domain name (RFC 1034 §3.5)'],
  ['*.', 'is not a domain name (RFC 1034 §3.5)'],
  ['*.*.example.com', 'is not a domain name (RFC 1034 §3.5)'],
  ['*example.com', 'is not a domain name (RFC 1034 §3.5)'],
  ['.example.com', 'is not a domain name (RFC 1034 §3.5)'],
  ['example.com.', 'is not a domain name (RFC 1034 §3.5)'],
  ['example.com:443', 'is not a domain name (RFC 1034 §3.5)'],
  ['DNS:example.com', 'is not a domain name (RFC 1034 §3.5)'],
  ['alice@example.com', 'is not a domain name (RFC 1034 §3.5)'],
  ['build_bot', 'is not a domain name (RFC 1034 §3.5)'],
  ['10.0.0', 'looks like an IP address, but it is not one'],
  ['*.10.0.0.1', 'looks like an IP address, but it is not one'],
  ['München.de', 'is not ASCII; write each label in its xn-- form'],
];

for (const [rule, problem] of notNames) {
  test(`refuses the rule ${JSON.stringify(rule)}, which no name of a server fits`, () => {
    const message = `${JSON.stringify(rule)} ${problem}; ${advice}`;
    assert.throws(() => createNameRules(['example.com', rule]), { name: 'TypeError', message });
  });
}

test('allows names of one label, A-labels, and everything below a name of one label', () => {
  const wide = createNameRules([
    'localhost',
    'xn--mnchen-3ya.de',
    '*.example',
    '1.example.com',
    '::1',
    '10.1.2.3/8',
  ]);
  for (const name of ['localhost', 'xn--mnchen-3ya.de', 'a.example', '1.example.com', '::1', '10.9.9.9'])
    assert.ok(wide.allows(name), name);
});

test('rules for owners allow every name of a user or a service, and the ends of such names', () => {
  const ofOwners = createNameRules(['build_bot', 'Alice@example.com', '*.svc'], 'owner');
  for (const name of ['build_bot', 'alice@example.com', 'billing.svc'])
    assert.ok(ofOwners.allows(name), name);
  assert.equal(ofOwners.allows('bob@example.com'), false);
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/), (name) => {
      assert.ok(principalName.safeParse(name).success);
      assert.ok(createNameRules([name], 'owner').allows(name));
    }),
  );
});

for (const rule of ['a b', '', '-a', '*', 'a:b', 'ä', 'a'.repeat(65)]) {
  test(`refuses the rule ${JSON.stringify(rule)}, which no owner's name fits`, () => {
    assert.equal(principalName.safeParse(rule).success, false);
    const message = `${JSON.stringify(rule)} is not the name of a user or a service; write one such as billing, or *.example.com for all names that end like this`;
    assert.throws(() => createNameRules([rule], 'owner'), { name: 'TypeError', message });
  });
}
