import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkOf } from '../src/encrypted-channel/address.ts';

test('an IPv4 address counts for itself, an IPv6 address with its /64 (RFC 6177 §2)', () => {
  for (const [address, network] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ] as const) {
    assert.equal(networkOf(address), network, address);
  }
});
