// Nonces (RFC 8555 §6.5): only ours, each only once, in memory that does not grow.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createNonces } from '../../../src/acme/request/nonces.ts';

test('each nonce is accepted once', () => {
  const nonces = createNonces(randomBytes);
  const issued = Array.from({ length: 1000 }, () => nonces.issue());
  assert.equal(new Set(issued).size, 1000);
  for (const nonce of issued) assert.ok(nonces.consume(nonce));
  for (const nonce of issued) assert.equal(nonces.consume(nonce), false);
});

test('a nonce is forgotten after many newer ones, and its place is used again', () => {
  const nonces = createNonces(randomBytes, 64);
  const [first = '', second = ''] = [nonces.issue(), nonces.issue()];
  assert.ok(nonces.consume(second));
  const later = Array.from({ length: 63 }, () => nonces.issue());
  assert.equal(nonces.consume(first), false);
  assert.equal(nonces.consume(second), false);
  for (const nonce of later) assert.ok(nonces.consume(nonce));
});

test('refuses nonces of others, and altered and invented ones', () => {
  const nonces = createNonces(randomBytes);
  const good = nonces.issue();
  assert.equal(nonces.consume(createNonces(randomBytes).issue()), false);
  fc.assert(fc.property(fc.string(), (text) => assert.equal(nonces.consume(text), false)));
  fc.assert(
    fc.property(fc.nat(19), fc.integer({ min: 1, max: 255 }), (at, mask) => {
      const octets = Buffer.from(good, 'base64url');
      octets[at] = (octets[at] ?? 0) ^ mask;
      assert.equal(nonces.consume(octets.toString('base64url')), false);
    }),
  );
  assert.ok(nonces.consume(good));
});
