// A short run of `npm run fuzz -- signatures` that is always the same: its seed and its inputs are fixed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from '../../fuzz/harness/fuzz.ts';
import { createRandom } from '../../fuzz/harness/random.ts';
import { createTarget } from '../../fuzz/targets/signatures.ts';

const RUNS = 10_000;

test('readers of signatures refuse all input that they cannot read, without another error (RFC 9421, RFC 9530, RFC 9651)', () => {
  const { findings, accepted } = fuzz(createTarget(), createRandom(9421), (count) => count === RUNS);
  assert.deepEqual(findings, []);
  for (const [reader, count] of accepted) assert.ok(count > RUNS / 250, `${reader} accepted only ${count}`);
});
