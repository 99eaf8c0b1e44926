import assert from 'node:assert/strict';
import { test } from 'node:test';
import { binaryContent, writeBinaryRequest, writeBinaryResponse } from '../../src/binary-http/writer.ts';

const HEAD = { method: 'GET', scheme: 'https', authority: 'a.example', path: '/', fields: [] };

test('refuses to write messages that the reader would refuse', () => {
  const invalid = { name: 'BinaryHttpError', code: 'binary_http_invalid' };
  assert.throws(() => writeBinaryRequest({ ...HEAD, fields: ['x', 'a\nb'] }), invalid);
  assert.throws(() => writeBinaryRequest({ ...HEAD, path: '/ü' }), invalid);
  assert.throws(() => writeBinaryRequest({ ...HEAD, fields: ['x', '€'] }), invalid);
  assert.throws(() => writeBinaryResponse({ status: 999, fields: [] }), invalid);
});

test('writes the names of fields in lower case', () => {
  const octets = writeBinaryRequest({ ...HEAD, fields: ['Accept', '*'] });
  assert.match(Buffer.from(octets).toString('latin1'), /accept/);
});

test('does not write an empty part, which would end the content', () => {
  assert.throws(() => binaryContent(new Uint8Array(0)), TypeError);
});
