import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressGroups, addressShareOf } from '../../../src/platform/limits/address-share.ts';

test('an IPv4 address is its own share, in every form inside IPv6', () => {
  const forms = [
    '192.0.2.1',
    '::ffff:192.0.2.1',
    '::FFFF:c000:201',
    '64:ff9b::192.0.2.1',
    '64:ff9b::c000:201',
  ];
  for (const form of forms) assert.equal(addressShareOf(form), '192.0.2.1', form);
  assert.notEqual(addressShareOf('192.0.2.1'), addressShareOf('192.0.2.2'));
});

test('all addresses of an IPv6 /64 are one share, in every spelling (RFC 6177 §2)', () => {
  for (const form of ['2001:db8::1', '2001:DB8:0:0:ffff::2', '2001:0db8::%eth0', '2001:db8::192.0.2.1']) {
    assert.equal(addressShareOf(form), '2001:db8::/64', form);
  }
  assert.equal(addressShareOf('2001:db8:0:1::1'), '2001:db8:0:1::/64');
  assert.equal(addressShareOf('::1'), '::/64');
});

test('text that is not an IP address is its own share', () => {
  for (const text of ['socket', 'unknown', '']) assert.equal(addressShareOf(text), text);
});

test('the groups of an IPv6 address (RFC 4291 §2.2)', () => {
  assert.deepEqual(addressGroups('::'), ['0', '0', '0', '0', '0', '0', '0', '0']);
  assert.deepEqual(addressGroups('2001:db8::1'), ['2001', 'db8', '0', '0', '0', '0', '0', '1']);
  assert.deepEqual(addressGroups('1:2:3:4:5:6:7::'), ['1', '2', '3', '4', '5', '6', '7', '0']);
  assert.deepEqual(addressGroups('::ffff:192.0.2.1').slice(5), ['ffff', 'c000', '201']);
});
