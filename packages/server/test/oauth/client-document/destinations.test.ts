// The addresses from which documents about clients may be fetched (server-side request forgery).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDestinations, DocumentError } from '../../../src/oauth/client-document/destinations.ts';

const resolvingTo =
  (...addresses: string[]) =>
  async () =>
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

test('private, loopback, link-local, metadata and reserved addresses are not public, in any spelling', () => {
  const { has } = createDestinations([]);
  for (const address of [
    ...['0.0.0.0', '10.1.2.3', '100.64.0.1', '100.100.100.200', '127.0.0.1', '169.254.169.254'],
    ...['172.31.255.255', '192.168.0.1', '192.0.0.192', '198.18.0.1', '224.0.0.1', '255.255.255.255'],
    ...['::', '::1', '::7f00:1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::ffff:7f00:1', '64:ff9b::7f00:1'],
    ...['2002:7f00:1::', 'fd00:ec2::254', 'fe80::1', 'fec0::1', 'ff02::1', '2001:db8::1'],
  ]) {
    assert.equal(has(address), false, address);
  }
  for (const address of ['93.184.215.14', '8.8.8.8', '2606:4700::1111', '172.32.0.1', '::ffff:8.8.8.8']) {
    assert.equal(has(address), true, address);
  }
});

test('allows the networks of the setting, and no other networks that are not public', () => {
  const { has } = createDestinations(['10.0.0.0/8']);
  assert.deepEqual([has('10.9.9.9'), has('192.168.0.1')], [true, false]);
});

test('uses only the public addresses of a name, and refuses a name without a public address', async () => {
  const mixed = createDestinations([], resolvingTo('127.0.0.1', '8.8.8.8'));
  assert.deepEqual(await mixed.addressesOf('app.example'), [{ address: '8.8.8.8', family: 4 }]);
  const own = createDestinations([], resolvingTo('127.0.0.1', '::1'));
  await assert.rejects(own.addressesOf('app.example'), DocumentError);
  const unknown = createDestinations([], () => Promise.reject(new Error('ENOTFOUND')));
  await assert.rejects(unknown.addressesOf('app.example'), /has no address/);
});

test('checks an address instead of a name in the same way', async () => {
  const { addressesOf } = createDestinations([], () => Promise.reject(new Error('asked')));
  await assert.rejects(addressesOf('127.0.0.1'), /no public address/);
  assert.deepEqual(await addressesOf('8.8.8.8'), [{ address: '8.8.8.8', family: 4 }]);
});
