// Nonces that every process with the same key recognises (RFC 7616 §3.3).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNonces } from '../../src/credentials/server-nonce.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const KEY = new Uint8Array(32).fill(1);

test('is valid for five minutes, in every process with the key', () => {
  const clock = createFakeClock();
  const nonce = createNonces(KEY, clock).create();
  const other = createNonces(KEY, clock);
  assert.equal(other.endOf(nonce), clock.now() + 300_000);
  clock.advance(299);
  assert.notEqual(other.endOf(nonce), undefined);
  clock.advance(1);
  assert.equal(other.endOf(nonce), undefined);
});

test('two nonces are never the same', () => {
  const { create } = createNonces(KEY, createFakeClock());
  assert.notEqual(create(), create());
});

test('refuses nonces of another key, altered nonces, other spellings, and nonces from the future', () => {
  const clock = createFakeClock();
  const nonces = createNonces(KEY, clock);
  const nonce = nonces.create();
  assert.equal(createNonces(new Uint8Array(32), clock).endOf(nonce), undefined);
  const octets = Buffer.from(nonce, 'base64url');
  for (let at = 0; at < octets.length; at += 1) {
    const altered = Buffer.from(octets);
    altered[at] = (altered[at] ?? 0) ^ 1;
    assert.equal(nonces.endOf(altered.toString('base64url')), undefined);
  }
  for (const other of ['', 'x', `${nonce}=`, `${nonce} `, ` ${nonce}`, `${nonce}AA`, nonce.slice(1)]) {
    assert.equal(nonces.endOf(other), undefined, other);
  }
  clock.advance(-1);
  assert.equal(nonces.endOf(nonce), undefined);
});
