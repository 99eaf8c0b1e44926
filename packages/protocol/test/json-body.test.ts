// JSON bodies (RFC 8259).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readJsonObject } from '@gatehouse/protocol';

const read = (body: Uint8Array) =>
  readJsonObject(new Request('http://localhost/', { method: 'POST', body: Buffer.from(body) }), 100);

test('ignores a byte order mark before the JSON (RFC 8259 §8.1)', async () => {
  assert.deepEqual(await read(Buffer.from('\ufeff{"note":"é"}')), { note: 'é' });
});

test('refuses JSON that is not UTF-8 (RFC 8259 §8.1)', async () => {
  await assert.rejects(read(Buffer.from('{"note":"é"}', 'latin1')), { code: 'body_not_json' });
});
