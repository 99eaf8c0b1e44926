// The addresses that people type.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorityOf, parseTarget } from '../../../src/commands/inspect/target.ts';

test('reads a host, a host with a port, a URL, and IPv6 addresses', () => {
  const cases = [
    ['localhost', 'localhost', 443],
    ['localhost:8443', 'localhost', 8443],
    ['https://example.com/path?x', 'example.com', 443],
    ['HTTPS://Example.com:444', 'example.com', 444],
    ['[::1]:8443', '::1', 8443],
    ['::1', '::1', 443],
    ['https://[2001:db8::1]/', '2001:db8::1', 443],
    ['10.0.0.7:8443', '10.0.0.7', 8443],
  ] as const;
  for (const [address, host, port] of cases)
    assert.deepEqual(parseTarget(address, undefined), { host, port, serverName: host });
});

test('asks for the name of the host, or for the name that the user gives', () => {
  assert.equal(parseTarget('10.0.0.7', 'api.internal').serverName, 'api.internal');
  assert.equal(parseTarget('example.com.', undefined).serverName, 'example.com');
});

test('refuses other schemes, credentials and ports that do not exist', () => {
  for (const address of ['http://localhost', 'ssh://localhost', 'localhost:99999', 'user@localhost', ''])
    assert.throws(() => parseTarget(address, undefined), { status: 2 });
});

test('writes an IPv6 address in brackets', () => {
  assert.equal(authorityOf({ host: '::1', port: 1 }), '[::1]:1');
  assert.equal(authorityOf({ host: 'localhost', port: 1 }), 'localhost:1');
});
