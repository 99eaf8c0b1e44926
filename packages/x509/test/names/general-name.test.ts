// GeneralName: names are read back as they were written, and each type refuses values that RFC 5280 §4.2.1.6
// forbids.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readDer } from '../../src/der/read.ts';
import { encodeDer } from '../../src/der/write.ts';
import { DerError, X509Error } from '../../src/errors.ts';
import {
  encodeGeneralName,
  formatGeneralName,
  type GeneralName,
  generalNameText,
  parseSubjectName,
  readGeneralName,
} from '../../src/names/general-name.ts';
import { encodeName } from '../../src/names/name.ts';

const readHex = (hex: string) => readDer(Buffer.from(hex, 'hex'), readGeneralName);

function assertRefused(name: GeneralName): void {
  assert.throws(
    () => encodeGeneralName(name),
    (error) => error instanceof X509Error && error.code === 'general_name_invalid',
    name.value,
  );
}

test('reads back each type of name that it writes (RFC 5280 §4.2.1.6)', () => {
  const names: GeneralName[] = [
    { type: 'dNSName', value: '*.example.com' },
    { type: 'iPAddress', value: '127.0.0.1' },
    { type: 'iPAddress', value: '2001:db8::1' },
    { type: 'rfc822Name', value: 'first.last+tag@example.com' },
    { type: 'uniformResourceIdentifier', value: 'https://example.com/a?b=%20#c' },
    { type: 'uniformResourceIdentifier', value: 'spiffe://trust.example/workload' },
    { type: 'uniformResourceIdentifier', value: 'urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6' },
    { type: 'uniformResourceIdentifier', value: 'http://[::1]:8080/' },
  ];
  for (const name of names)
    assert.deepEqual(readDer(encodeDer(encodeGeneralName(name)), readGeneralName), name);
});

test('writes addresses as 4 or 16 octets (RFC 5280 §4.2.1.6)', () => {
  assert.equal(
    encodeDer(encodeGeneralName({ type: 'iPAddress', value: '127.0.0.1' })).toString('hex'),
    '87047f000001',
  );
  const loopback = encodeDer(encodeGeneralName({ type: 'iPAddress', value: '::1' }));
  assert.equal(loopback.toString('hex'), `8710${'00'.repeat(15)}01`);
});

test('finds out whether a server is named by address or by domain name', () => {
  assert.deepEqual(parseSubjectName('127.0.0.1'), { type: 'iPAddress', value: '127.0.0.1' });
  assert.deepEqual(parseSubjectName('0:0::1'), { type: 'iPAddress', value: '::1' });
  assert.deepEqual(parseSubjectName('LocalHost'), { type: 'dNSName', value: 'localhost' });
  for (const text of ['', '1.2.3', '[::1]', 'a:b', 'localhost:8443', 'fe80::1%lo'])
    assert.throws(() => parseSubjectName(text), X509Error);
});

test('finds mailboxes and absolute URIs, and uses the type before a name', () => {
  const cases = {
    'a@B.example': { type: 'rfc822Name', value: 'a@b.example' },
    'https://u@a.example/x': { type: 'uniformResourceIdentifier', value: 'https://u@a.example/x' },
    'urn:gatehouse:user:ann': { type: 'uniformResourceIdentifier', value: 'urn:gatehouse:user:ann' },
    'DNS:A.example': { type: 'dNSName', value: 'a.example' },
    'ip:0:0::1': { type: 'iPAddress', value: '::1' },
    'email:a@b.example': { type: 'rfc822Name', value: 'a@b.example' },
    'URI:mailto:a@b.example': { type: 'uniformResourceIdentifier', value: 'mailto:a@b.example' },
  };
  for (const [text, name] of Object.entries(cases)) assert.deepEqual(parseSubjectName(text), name, text);
  for (const text of ['DNS:127.0.0.1', 'IP:a.example', 'email:a', 'URI:a', 'DNS:', 'a@b@c', 'http://'])
    assert.throws(() => parseSubjectName(text), X509Error, text);
});

test('writes each name as text that is read back as the same name, and also without its type', () => {
  for (const text of ['DNS:*.a.example', 'IP:::1', 'email:a@b.example', 'URI:urn:a:b']) {
    assert.equal(formatGeneralName(parseSubjectName(text)), text);
    assert.equal(generalNameText(parseSubjectName(text)), text.slice(text.indexOf(':') + 1));
  }
  const directoryName = readHex(`a40e${encodeName({ commonName: 'x' }).toString('hex')}`);
  assert.equal(formatGeneralName(directoryName), 'dirName:CN=x');
  assert.equal(formatGeneralName(readHex('88022a03')), '[8]:88022a03');
});

test('refuses addresses, mailboxes and URIs that are malformed or relative', () => {
  assertRefused({ type: 'iPAddress', value: 'localhost' });
  assertRefused({ type: 'dNSName', value: '127.0.0.1' });
  for (const value of [
    '',
    'a',
    'a@',
    '@b.de',
    'a@b@c.de',
    '"a b"@c.de',
    'a..b@c.de',
    '.a@c.de',
    'ä@c.de',
    'a@*.c.de',
    `${'a'.repeat(65)}@c.de`,
  ]) {
    assertRefused({ type: 'rfc822Name', value });
  }
  for (const value of [
    '',
    '/a',
    'a',
    '//a/b',
    'http:',
    'http:a',
    'http:///a',
    'https://',
    '1a:b',
    'http://a b',
    'http://a\\b',
    'http://ä',
    'urn:a"b',
    'urn:a%b',
    'file:///a',
    'http://a:99999/',
    'urn:a\n',
  ]) {
    assertRefused({ type: 'uniformResourceIdentifier', value });
  }
});

test('returns names of other types unchanged, with their tag number', () => {
  const { type, tagNumber } = readHex('a5023000') as { type: string; tagNumber: number };
  assert.deepEqual([type, tagNumber], ['uninterpreted', 5]);
});

test('refuses empty names, control characters, addresses of other lengths, and other tag classes', () => {
  for (const hex of [
    '8203610062',
    'a4020500',
    '8200',
    '82026a80',
    '870300aabb',
    '8700',
    '0c0161',
    'c20161',
    '420161',
  ]) {
    assert.throws(() => readHex(hex), DerError, hex);
  }
});
