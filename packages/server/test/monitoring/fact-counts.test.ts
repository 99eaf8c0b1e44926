// The facts of the gateway on their way to the ledger.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFactCounts } from '../../src/monitoring/fact-counts.ts';

test('a fact is pending until it is recorded', async () => {
  const facts = createFactCounts();
  const recorded = Promise.withResolvers<void>();
  const watched = facts.watch(recorded.promise);
  assert.equal(facts.pending, 1);
  recorded.resolve();
  await watched;
  assert.deepEqual([facts.pending, facts.failed], [0, 0]);
});

test('a fact that cannot be recorded is counted, and its request learns why', async () => {
  const facts = createFactCounts();
  await assert.rejects(facts.watch(Promise.reject(new Error('full'))), /full/);
  assert.deepEqual([facts.pending, facts.failed], [0, 1]);
});
