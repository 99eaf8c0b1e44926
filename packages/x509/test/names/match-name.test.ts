// Server names (RFC 9525 §6), with node's own check as the oracle.
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { X509Error } from '../../src/errors.ts';
import { parseSubjectName } from '../../src/names/general-name.ts';
import { matchesName } from '../../src/names/match-name.ts';
import { createPki } from '../support/pki.ts';

const names = ['a.example', '*.b.example', '*.c', '127.0.0.1', '::1', 'URI:https://d.example/'].map(
  parseSubjectName,
);

test('matches DNS names without regard to case and to a final dot, and addresses by value (RFC 9525 §6.3, §6.4)', () => {
  for (const name of ['a.example', 'A.EXAMPLE', 'a.example.', 'x.b.example', '127.0.0.1', '0:0::1'])
    assert.ok(matchesName(name, names), name);
});

test('a wildcard matches one whole label above at least two others (RFC 9525 §6.3)', () => {
  for (const name of [
    'b.example',
    'x.y.b.example',
    'x.c',
    'x.a.example',
    'example',
    'd.example',
    '127.0.0.2',
  ])
    assert.ok(!matchesName(name, names), name);
  for (const value of ['*', 'f*.example', '*f.b.example', 'x.*.example', '*.*.example'])
    assert.ok(!matchesName('foo.b.example', [{ type: 'dNSName', value }]), value);
});

test('does not match an address to a DNS name that looks like it, nor such a name to an address', () => {
  assert.ok(!matchesName('127.0.0.1', [{ type: 'dNSName', value: '127.0.0.1' }]));
  assert.ok(!matchesName('127.0.0.1', [{ type: 'dNSName', value: '*.0.0.1' }]));
});

test('refuses to look for text that is not the name of a server', () => {
  for (const name of ['*.a.example', '', 'a b', 'a.example:443', '[::1]', 'a..example', 'ä.example'])
    assert.throws(
      () => matchesName(name, names),
      (error) => error instanceof X509Error && error.code === 'general_name_invalid',
      name,
    );
});

test('agrees with node', () => {
  const { pem } = createPki().server;
  const theirs = new X509Certificate(pem);
  const ours = ['localhost', '*.example.com', '127.0.0.1', '::1'].map(parseSubjectName);
  for (const host of [
    'localhost',
    'a.example.com',
    'example.com',
    'a.b.example.com',
    'x.localhost',
    'LOCALHOST',
  ])
    assert.equal(matchesName(host, ours), theirs.checkHost(host) !== undefined, host);
  for (const address of ['127.0.0.1', '::1', '127.0.0.2', '::2'])
    assert.equal(matchesName(address, ours), theirs.checkIP(address) !== undefined, address);
});
