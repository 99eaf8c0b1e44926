// Networks, and the addresses in them.
import assert from 'node:assert/strict';
import { BlockList, isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { createAddressSet, isNetwork } from '../../src/credentials/address-set.ts';

test('recognises addresses and networks (RFC 4632 §3.1)', () => {
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

test('agrees with the system about addresses, and about the addresses in a network', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 20 }));
  fc.assert(fc.property(address, (text) => isNetwork(text) === (isIP(text) !== 0 && !text.includes('%'))));
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), (start, other, prefix) => {
      const list = new BlockList();
      list.addSubnet(start, prefix);
      return createAddressSet([`${start}/${prefix}`]).has(other) === list.check(other);
    }),
  );
  fc.assert(
    fc.property(fc.ipV6(), fc.ipV6(), fc.integer({ min: 0, max: 128 }), (start, other, prefix) => {
      fc.pre(!/(?:^|:)ffff:[^:]+(?::[^:]+)?$/i.test(other));
      const list = new BlockList();
      list.addSubnet(start, prefix, 'ipv6');
      return createAddressSet([`${start}/${prefix}`]).has(other) === list.check(other, 'ipv6');
    }),
  );
});

test('IPv4 and IPv6 networks do not contain one another', () => {
  assert.ok(!createAddressSet(['0.0.0.0/0']).has('2001:db8::1'));
  assert.ok(!createAddressSet(['::/0']).has('10.0.0.1'));
});

test('a network of IPv4 addresses in IPv6 form is a network of IPv4 addresses (RFC 4291 §2.5.5.2)', () => {
  for (const text of ['::ffff:10.0.0.0/104', '::ffff:a00:0/104', '::ffff:10.1.2.3', '::FFFF:10.1.2.3/128']) {
    const set = createAddressSet([text]);
    for (const address of ['10.1.2.3', '::ffff:10.1.2.3', '::ffff:a01:203', '0:0:0:0:0:FFFF:0a01:0203'])
      assert.ok(set.has(address), `${text} ${address}`);
    assert.ok(!set.has('11.1.2.3') && !set.has('::a01:203'), text);
  }
  assert.ok(!createAddressSet(['::/0']).has('::ffff:10.1.2.3'));
});
