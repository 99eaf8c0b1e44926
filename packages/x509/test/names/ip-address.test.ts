// IP addresses. Node's parser is the oracle for validity, and its URL class for the canonical form.
import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatIpAddress, parseIpAddress } from '../../src/names/ip-address.ts';

test('accepts the same addresses as node, except zones (RFC 4291 §2.2)', () => {
  const group = fc.constantFrom('0', '1', 'ffff', '00001', 'g', '', '1.2.3.4', '255', '256', '01');
  const separator = fc.constantFrom(':', '::', '.', ':::');
  const text = fc
    .array(fc.tuple(group, separator), { minLength: 1, maxLength: 9 })
    .chain((parts) => fc.constantFrom(parts.flat().join(''), parts.flat().slice(0, -1).join('')));
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), text), (candidate) => {
      assert.equal(parseIpAddress(candidate) !== undefined, isIP(candidate) !== 0, candidate);
    }),
    { numRuns: 2000 },
  );
});

test('refuses zones, brackets, ports, prefixes and abbreviations (RFC 4007 §11, RFC 6943 §3.1.1)', () => {
  for (const text of [
    '',
    'fe80::1%eth0',
    '[::1]',
    '127.1',
    '0x7f.0.0.1',
    '127.0.0.01',
    '10.0.0.0/8',
    '1:2:3:4:5:6:7:8:',
    ' ::1',
  ]) {
    assert.equal(parseIpAddress(text), undefined, text);
  }
});

test('writes IPv6 in the form of RFC 5952 §4, as the URL standard does', () => {
  const octets = fc.array(fc.constantFrom(0, 0, 0, 1, 255), { minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(octets, (address) => {
      const text = formatIpAddress(Uint8Array.from(address)) ?? '';
      assert.equal(`[${text}]`, new URL(`http://[${text}]`).hostname);
      assert.deepEqual(parseIpAddress(text), Uint8Array.from(address));
    }),
  );
});

test('reads every spelling of an address to the same octets', () => {
  assert.deepEqual(parseIpAddress('::1'), parseIpAddress('0:0:0:0:0:0:0:1'));
  assert.deepEqual(parseIpAddress('::FFFF:1.2.3.4'), parseIpAddress('::ffff:102:304'));
  assert.equal(formatIpAddress(Uint8Array.of(127, 0, 0, 1)), '127.0.0.1');
  assert.equal(formatIpAddress(Uint8Array.of(1, 2, 3)), undefined);
});
