import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeptOctets } from '../../src/server/kept-octets.ts';

const octets = (text: string): Uint8Array => Buffer.from(text, 'latin1');

test('returns the stored octets in order, once, also if their memory was reused', () => {
  const kept = new KeptOctets();
  const first = octets('GET / ');
  kept.add(first, false);
  first.fill(0);
  kept.add(octets('HTTP/1.1'), false);
  assert.equal(kept.isEmpty, false);
  assert.equal(Buffer.from(kept.take()).toString(), 'GET / HTTP/1.1');
  assert.equal(kept.isEmpty, true);
  assert.equal(kept.take().length, 0);
});

test('more than 100 requests or 2 MiB are too much', () => {
  const kept = new KeptOctets();
  for (let index = 0; index < 100; index++) assert.ok(kept.add(octets('GET / HTTP/1.1\r\n\r\n'), false));
  assert.equal(kept.add(octets('GET / HTTP/1.1\r\n\r\n'), false), false);
  kept.clear();
  assert.ok(kept.add(new Uint8Array(2 * 1024 * 1024), false));
  assert.equal(kept.add(octets('x'), false), false);
});

test('the octets of a tunnel are not counted as requests', () => {
  const kept = new KeptOctets();
  assert.ok(kept.add(octets('\r\n\r\n'.repeat(1000)), true));
});
