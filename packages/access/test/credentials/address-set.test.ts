// Networks, and the addresses in them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAddressSet, isNetwork } from '../../src/credentials/address-set.ts';

test('knows addresses and networks (RFC 4632 §3.1)', () => {
  for (const text of ['10.0.0.0/8', '10.0.0.1', '::1', '2001:db8::/32', '0.0.0.0/0'])
    assert.ok(isNetwork(text), text);
  for (const text of [
    '',
    '10.0.0.0/33',
    '::/129',
    '10.0.0/8',
    'localhost',
    'fe80::1%eth0',
    '10.0.0.0/-1',
    '1.2.3.4/',
  ])
    assert.ok(!isNetwork(text), text);
});

test('IPv4 and IPv6 networks do not contain one another', () => {
  assert.ok(!createAddressSet(['0.0.0.0/0']).has('2001:db8::1'));
  assert.ok(!createAddressSet(['::/0']).has('10.0.0.1'));
});
