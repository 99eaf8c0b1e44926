// Identifiers, the names that may be certified, and the networks where validation connects (RFC 8555 §10.4).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createNamePolicy, readIdentifiers } from '../../../src/acme/order/identifiers.ts';
import { AcmeError } from '../../../src/acme/problem.ts';
import { createNetworks } from '../../../src/acme/validation/networks.ts';
import { createResolver } from '../../../src/acme/validation/resolver.ts';
import { refusal } from '../../support/errors.ts';
import { SETTINGS } from '../support/server.ts';

const networks = createNetworks(SETTINGS.networks);
const anyName = createNamePolicy([]);
const read = (type: string, value: string, names = anyName) =>
  readIdentifiers([{ type, value }], { names, networks });

test('accepts domain names in lower case, also A-labels and single labels', () => {
  for (const name of [
    'example.com',
    'localhost',
    'xn--mnchen-3ya.de',
    '*.example.com',
    'a-b.c1',
    '1.example.com',
  ]) {
    assert.deepEqual(read('dns', name.toUpperCase()), [{ type: 'dns', value: name }]);
  }
});

const notDomainNames = [
  '',
  '.',
  'example.com.',
  '.example.com',
  'a..b',
  '-a.com',
  'a-.com',
  'a_b.com',
  'münchen.de',
  'xn--a.de',
  'xn--zzzzzzzz.de',
  'ab--c.de',
  '*',
  '*.',
  '*.*.example.com',
  'a.*.example.com',
  '127.0.0.1',
  '::1',
  '1.2.3',
  '0x7f.1',
  'DNS:example.com',
  'a@example.com',
  'http://example.com',
  'example.com\0',
  'example.com/x',
  `${'a'.repeat(64)}.com`,
  'a.'.repeat(127),
];

for (const name of notDomainNames) {
  test(`refuses ${JSON.stringify(name.slice(0, 40))} as a domain name (RFC 8555 §7.1.3)`, () => {
    assert.throws(
      () => read('dns', name),
      (error) => error instanceof AcmeError && error.type === 'malformed',
    );
  });
}

test('accepts addresses only in their canonical form, and only inside the networks (RFC 8738 §3)', () => {
  assert.deepEqual(read('ip', '10.1.2.3'), [{ type: 'ip', value: '10.1.2.3' }]);
  assert.deepEqual(read('ip', 'FD00:0:0::1'), [{ type: 'ip', value: 'fd00::1' }]);
  for (const address of ['8.8.8.8', '169.254.169.254', '::ffff:10.0.0.1', 'fe80::1', '0.0.0.0']) {
    assert.throws(() => read('ip', address), /network to which validation connects/);
  }
  for (const address of [
    '010.0.0.1',
    '10.1',
    'fe80::1%eth0',
    '10.0.0.0/8',
    'localhost',
    '[::1]',
    '*.10.0.0.1',
  ]) {
    assert.throws(() => read('ip', address), /not an IP address/);
  }
});

test('names of our own certificate are rejected in every form, unless they are listed one by one', () => {
  const own = ['localhost', '127.0.0.1', '::1', 'Gate.Example.com', '*.gw.example.com', '192.0.2.7'];
  const open = createNamePolicy([], own);
  for (const name of [
    'localhost',
    '127.0.0.1',
    '::1',
    'gate.example.com',
    '*.example.com',
    'a.gw.example.com',
    '192.0.2.7',
  ]) {
    assert.equal(open.allows(name), false, name);
  }
  for (const name of ['a.localhost', '*.localhost', '127.0.1.1', 'www.example.com', 'example.com', '*.com']) {
    assert.ok(open.allows(name), name);
  }
  const wide = createNamePolicy(['*.example.com', '127.0.0.0/8'], own);
  for (const name of ['gate.example.com', '*.example.com', '127.0.0.1'])
    assert.equal(wide.allows(name), false, name);
  const listed = createNamePolicy(['*.example.com', 'GATE.example.com', 'localhost', '0:0:0:0:0:0:0:1'], own);
  for (const name of ['gate.example.com', '*.example.com', 'localhost', '::1'])
    assert.ok(listed.allows(name), name);
  assert.equal(listed.allows('127.0.0.1'), false);
  assert.throws(
    () => read('dns', 'LOCALHOST', open),
    (error) => error instanceof AcmeError && error.type === 'rejectedIdentifier',
  );
});

test('an accepted identifier is always canonical', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.domain(), fc.ipV4(), fc.ipV6()),
      fc.constantFrom('dns', 'ip'),
      (value, type) => {
        try {
          for (const found of read(type, value)) {
            assert.match(found.value, /^[a-z0-9.:*-]+$/);
            assert.deepEqual(read(type, found.value), [found]);
          }
        } catch (error) {
          assert.ok(error instanceof AcmeError, String(error));
        }
      },
    ),
  );
});

test('acme.names lists exact names, everything below a name, and networks', () => {
  const names = createNamePolicy(['example.com', '*.apps.example.com', '10.0.0.0/8']);
  for (const name of [
    'example.com',
    'a.apps.example.com',
    'a.b.apps.example.com',
    '*.apps.example.com',
    '10.1.2.3',
  ]) {
    assert.ok(names.allows(name), name);
  }
  for (const name of [
    'apps.example.com',
    'www.example.com',
    '*.example.com',
    'xapps.example.com',
    '192.168.0.1',
    '::1',
  ]) {
    assert.equal(names.allows(name), false, name);
    const type = /^[\d.:]+$/.test(name) ? 'ip' : 'dns';
    assert.throws(
      () => read(type, name, names),
      (error) => error instanceof AcmeError && error.type === 'rejectedIdentifier',
    );
  }
});

test('refuses settings that make no sense, and names them', () => {
  for (const cidr of ['10.0.0.0/33', '10.0.0.0/-1', '10.0.0', 'localhost', '::/129', '', '10.0.0.0/8/8']) {
    assert.throws(() => createNetworks([cidr]), refusal('config_invalid', /acme\.networks/));
  }
  for (const name of ['10.0.0.0/99', 'a b', 'foo bar', 'example.com.', '']) {
    const quoted = new RegExp(
      `^Setting acme\\.names is not valid: ${JSON.stringify(name)} [^\n]+; write a name such as`,
    );
    assert.throws(() => createNamePolicy(['example.com', name]), refusal('config_invalid', quoted));
  }
  for (const server of ['localhost', '127.0.0.1:99999', 'dns.example.com:53', '']) {
    assert.throws(() => createResolver(server), refusal('config_invalid', /acme\.resolver/));
  }
  for (const server of ['127.0.0.1', '127.0.0.1:5353', '::1', '[::1]:5353']) createResolver(server);
});

const NEVER = [
  '0.0.0.0',
  '0.1.2.3',
  '169.254.0.1',
  '169.254.169.254',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  '224.0.0.1',
  '239.255.255.255',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::7f00:1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b:1::1',
  '2001::1',
  '2002:7f00:1::',
  'fe80::1',
  'fec0::1',
  'ff02::1',
  'fd00:ec2::254',
  'fd20:ce::254',
];

for (const address of NEVER) {
  test(`validation never connects to ${address}, even if it is configured (RFC 8555 §10.4)`, () => {
    assert.equal(createNetworks(['0.0.0.0/0', '::/0']).has(address), false);
    for (const entry of [address, `${address}/${address.includes(':') ? 128 : 32}`]) {
      assert.throws(() => createNetworks(['10.0.0.0/8', entry]), neverConnects(entry));
    }
  });
}

const WHOLLY_NEVER = [
  '0.0.0.0/8',
  '169.254.0.0/16',
  '169.254.169.0/24',
  '224.0.0.0/3',
  '224.0.0.0/4',
  '255.0.0.0/8',
  '::/128',
  '::2/127',
  '::ffff:10.0.0.0/104',
  '2001::/32',
  '2002:a00::/24',
  'FE80::/10',
  'fe80::/9',
  'fe80::/64',
  'fec0::/10',
  'ff02::/16',
  'fd00:ec2::/32',
];

for (const network of WHOLLY_NEVER) {
  test(`refuses ${network} in acme.networks, because validation never connects there`, () => {
    assert.throws(() => createNetworks(['10.0.0.0/8', network]), neverConnects(network));
  });
}

test('accepts networks that are larger than the forbidden ones, and the loopback address', () => {
  for (const [network, address] of [
    ['169.254.0.0/15', '169.255.0.1'],
    ['192.0.0.0/3', '192.168.0.1'],
    ['168.63.129.16/31', '168.63.129.17'],
    ['::1', '::1'],
    ['::/96', '::1'],
    ['fd00:ec2::/31', 'fd00:ec3::1'],
    ['fe00::/8', 'fe00::1'],
    ['2000::/3', '2606:4700::1'],
  ] as const) {
    assert.ok(createNetworks([network]).has(address), network);
  }
});

function neverConnects(entry: string) {
  const start = `Setting acme.networks is not valid: validation never connects to ${JSON.stringify(entry)} (`;
  return (error: unknown) => {
    refusal(
      'config_invalid',
      /; leave it out, or write a network such as 10\.0\.0\.0\/8 or fd00::\/8\.$/,
    )(error);
    assert.ok(String((error as Error).message).startsWith(start), String(error));
    return true;
  };
}

test('validation connects to loopback and private addresses, and to others if they are configured', () => {
  for (const address of [
    '127.0.0.1',
    '::1',
    '10.255.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    'fd12::1',
  ]) {
    assert.ok(networks.has(address), address);
  }
  for (const address of [
    '8.8.8.8',
    '172.32.0.1',
    '2606:4700::1',
    '11.0.0.1',
    '::2',
    'localhost',
    '',
    'fd12::1%eth0',
  ]) {
    assert.equal(networks.has(address), false, address);
  }
  const elsewhere = createNetworks(['8.8.8.8', '2606:4700::/32']);
  assert.ok(elsewhere.has('8.8.8.8') && elsewhere.has('2606:4700::1'));
  assert.equal(elsewhere.has('127.0.0.1') || elsewhere.has('8.8.4.4'), false);
});
