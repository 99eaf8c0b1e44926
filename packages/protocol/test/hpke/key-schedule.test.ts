import assert from 'node:assert/strict';
import { test } from 'node:test';
import { numberedNonce } from '../../src/hpke/key-schedule.ts';

test('a nonce is the base, combined with the number of the message (RFC 9180 §5.2)', () => {
  const base = Uint8Array.fromHex('fead854635d2d5527d64f546');
  assert.deepEqual(
    [0, 1, 2, 258].map((number) => numberedNonce(base, number).toHex()),
    [
      'fead854635d2d5527d64f546',
      'fead854635d2d5527d64f547',
      'fead854635d2d5527d64f544',
      'fead854635d2d5527d64f444',
    ],
  );
});
