// A short run of `npm run fuzz -- authz` that is always the same: its seed and its inputs are fixed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from '../../fuzz/harness/fuzz.ts';
import { createRandom } from '../../fuzz/harness/random.ts';
import { createTarget } from '../../fuzz/targets/authz.ts';

const WORLDS = 50;

test('Cedar’s own evaluator makes the same decisions for the same reasons, and skips the same policies', () => {
  const { findings, accepted } = fuzz(createTarget(), createRandom(4130), (count) => count === WORLDS);
  assert.deepEqual(findings, []);
  for (const [reader, count] of accepted)
    assert.ok(count > WORLDS / 10, `${reader} allowed in only ${count}`);
});
