// Sealed values of rows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSealing } from '../../../src/platform/keys/row-sealing.ts';

test('a sealed value opens only in its own row, and only with the same key', () => {
  const sealing = createSealing(new Uint8Array(32));
  for (const value of [{ a: 1 }, 'text']) {
    const sealed = sealing.seal(value, 'one');
    assert.deepEqual(sealing.open(sealed, 'one'), value);
    assert.throws(() => sealing.open(sealed, 'other'));
    assert.throws(() => createSealing(new Uint8Array(32).fill(1)).open(sealed, 'one'));
  }
});
