// A short run of `npm run fuzz` that is always the same: its seed and its inputs are fixed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fuzz } from '../../fuzz/harness/fuzz.ts';
import { mutateTlv } from '../../fuzz/harness/mutate-tlv.ts';
import { createRandom } from '../../fuzz/harness/random.ts';
import { ownCorpus } from '../../fuzz/targets/x509/corpus.ts';
import { X509_READERS } from '../../fuzz/targets/x509/readers.ts';

const RUNS = 3_000;
const target = { readers: X509_READERS, corpus: ownCorpus(), mutate: mutateTlv };
const run = (runs: number) => fuzz(target, createRandom(2026), (count) => count === runs);

test('every reader of DER accepts any input or refuses it with an X509Error, within a second', () => {
  const { findings, accepted } = run(RUNS);
  assert.deepEqual(findings, []);
  for (const [reader, count] of accepted) assert.ok(count > 0, `${reader} accepted nothing`);
});

test('the same seed repeats a run', () => {
  assert.deepEqual(run(500), run(500));
});

test('reports any other error of a reader, once for each place, with its input', () => {
  const accepts = (input: Uint8Array): boolean => {
    if (input.length % 2 === 0) throw new RangeError('even');
    return false;
  };
  const faulty = { readers: [{ name: 'odd', accepts }], corpus: [Uint8Array.of(0x30, 0)], mutate: mutateTlv };
  const { findings } = fuzz(faulty, createRandom(1), (count) => count === 100);
  assert.equal(findings.length, 1);
  assert.match(findings[0]?.problem ?? '', /^RangeError: even/);
  assert.equal((findings[0]?.input.length ?? 1) % 2, 0);
});
