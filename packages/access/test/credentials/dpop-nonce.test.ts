// Nonces for DPoP proofs (RFC 9449 §9).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDpopNonces } from '../../src/credentials/dpop-nonce.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const [KEY, OTHER] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

test('a nonce is accepted by every process with the key, for some minutes', () => {
  const clock = createFakeClock();
  const nonce = createDpopNonces([KEY], clock).current();
  const another = createDpopNonces([KEY], clock);
  assert.match(nonce, /^[A-Za-z0-9_-]{24}$/);
  assert.ok(another.accepts(nonce));
  clock.advance(4 * 60);
  assert.ok(another.accepts(nonce));
  assert.notEqual(another.current(), nonce);
  clock.advance(2 * 60);
  assert.ok(!another.accepts(nonce));
});

test('a nonce of a process whose clock is a little ahead is accepted', () => {
  const [clock, ahead] = [createFakeClock(), createFakeClock()];
  ahead.advance(60);
  assert.ok(createDpopNonces([KEY], clock).accepts(createDpopNonces([KEY], ahead).current()));
  ahead.advance(60);
  assert.ok(!createDpopNonces([KEY], clock).accepts(createDpopNonces([KEY], ahead).current()));
});

test('after a rotation, nonces of the previous key are still accepted, but it makes no new ones', () => {
  const clock = createFakeClock();
  const before = createDpopNonces([KEY], clock).current();
  const after = createDpopNonces([OTHER, KEY], clock);
  assert.ok(after.accepts(before));
  assert.notEqual(after.current(), before);
  assert.ok(!createDpopNonces([OTHER], clock).accepts(before));
  assert.ok(!after.accepts('anything'));
});
