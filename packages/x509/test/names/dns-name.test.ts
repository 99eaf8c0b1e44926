// Domain names of certificates: LDH labels, and text that only looks like a name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { X509Error } from '../../src/errors.ts';
import { canonicalDnsName } from '../../src/names/dns-name.ts';

function assertRefused(text: string): void {
  assert.throws(
    () => canonicalDnsName(text),
    (error) => error instanceof X509Error && error.code === 'general_name_invalid',
    text,
  );
}

test('accepts LDH labels and A-labels with one wildcard at the start, and returns lower case (RFC 5890 §2.3.1, RFC 9525 §6.3)', () => {
  const names = [
    'localhost',
    'example.com',
    '*.example.com',
    'xn--mller-kva.de',
    '3com.com',
    'a.b-c.d1',
    `${'a'.repeat(63)}.de`,
  ];
  for (const name of names) assert.equal(canonicalDnsName(name), name);
  assert.equal(canonicalDnsName('WWW.Example.COM'), 'www.example.com');
});

test('refuses labels that are empty, too long, not LDH or reserved (RFC 1034 §3.5, RFC 5890 §2.3.1)', () => {
  const names = [
    '',
    '.',
    '.a',
    'a.',
    'a..b',
    '-a.de',
    'a-.de',
    'a_b.de',
    'a b',
    'ab--c.de',
    `${'a'.repeat(64)}.de`,
    'a/b',
    'a:1',
  ];
  for (const name of names) assertRefused(name);
  assertRefused(Array(5).fill('a'.repeat(50)).join('.'));
});

test('refuses every wildcard that is not the whole leftmost label (RFC 9525 §6.3)', () => {
  for (const name of ['*', '*.', '*.*.de', 'a.*.de', 'w*.de', '*a.de']) assertRefused(name);
});

test('refuses names that look like an IPv4 address (RFC 6943 §3.1.1)', () => {
  for (const name of ['1.2.3.4', '1.2.3.400', '127', 'a.1', 'a.0x7f', 'a.0x']) assertRefused(name);
});

test('refuses U-labels and letters that only become ASCII in lower case, and says what to write', () => {
  assert.throws(() => canonicalDnsName('müller.de'), /xn--/);
  assertRefused('\u212aelvin.de');
  assertRefused('a\0.de');
  assertRefused('a\n');
});
