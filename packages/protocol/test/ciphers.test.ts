import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createCiphers } from '../src/encrypted-channel/ciphers.ts';

const HOUR = 3_600_000;

test('drops the least recently used cipher at the limit', () => {
  const ciphers = createCiphers<string>(2);
  ciphers.put('a', { cipher: 'A', endsAt: HOUR }, 0);
  ciphers.put('b', { cipher: 'B', endsAt: HOUR }, 0);
  assert.equal(ciphers.find('a', 60_000), 'A');
  ciphers.put('c', { cipher: 'C', endsAt: HOUR }, 60_000);
  assert.deepEqual(
    ['a', 'b', 'c'].map((id) => ciphers.find(id, 60_000)),
    ['A', undefined, 'C'],
  );
});

test('a cipher expires at its time, or a given time after its last use', () => {
  const ciphers = createCiphers<string>(9);
  ciphers.put('fixed', { cipher: 'F', endsAt: 10 }, 0);
  ciphers.put('idle', { cipher: 'I', endsAt: 10, idleMs: 10 }, 0);
  assert.deepEqual([ciphers.find('fixed', 9), ciphers.find('idle', 9)], ['F', 'I']);
  assert.deepEqual([ciphers.find('fixed', 18), ciphers.find('idle', 18)], [undefined, 'I']);
  assert.equal(ciphers.find('idle', 28), undefined);
});

test('removes a cipher at once', () => {
  const ciphers = createCiphers<string>(9);
  ciphers.put('a', { cipher: 'A', endsAt: HOUR }, 0);
  ciphers.remove('a');
  assert.equal(ciphers.find('a', 0), undefined);
});
