// Facts are on disk before their request continues.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fact, FactBatch } from '../../src/admission/facts.ts';
import { createFactRecorder, createUseReporter } from '../../src/admission/facts.ts';
import { refusal } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const USE = { type: 'keyUsed', id: 'k1', name: 'robot', address: '192.0.2.1', requestId: 'r1' } as const;

function recorder() {
  const batches: FactBatch[] = [];
  const facts = createFactRecorder((batch) => void batches.push(batch));
  const settle = (ok: boolean) => {
    for (const { facts: sent } of batches.splice(0)) {
      facts.settle({ type: 'recorded', results: sent.map(({ id }) => ({ id, ok })) });
    }
  };
  return { facts, batches, settle };
}

const nextTurn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test('facts that arrive together are sent in one batch, and wait until it is recorded', async () => {
  const { facts, batches, settle } = recorder();
  let recorded = 0;
  const all = Array.from({ length: 3 }, () => facts.record(USE).then(() => recorded++));
  await nextTurn();
  assert.equal(batches.length, 1);
  assert.equal(batches[0]?.facts.length, 3);
  assert.equal(recorded, 0);
  settle(true);
  await Promise.all(all);
  assert.equal(recorded, 3);
});

test('a request whose fact could not be recorded is refused as unavailable', async () => {
  const { facts, settle } = recorder();
  const pending = facts.record(USE);
  await nextTurn();
  settle(false);
  await assert.rejects(pending, refusal('unavailable'));
});

test('more than 2,000 outstanding facts are refused, not dropped', async () => {
  const { facts, settle } = recorder();
  const accepted = Array.from({ length: 2000 }, () => facts.record(USE));
  await assert.rejects(facts.record(USE), refusal('unavailable'));
  await nextTurn();
  settle(true);
  await Promise.all(accepted);
  const again = facts.record(USE);
  await nextTurn();
  settle(true);
  await again;
});

test('a result without a waiting request is ignored', () => {
  recorder().facts.settle({ type: 'recorded', results: [{ id: 99, ok: true }] });
});

function reporter() {
  const clock = createFakeClock();
  const waiting: { fact: Fact; resolve(): void; reject(error: Error): void }[] = [];
  const record = (fact: Fact) =>
    new Promise<void>((resolve, reject) => {
      waiting.push({ fact, resolve, reject });
    });
  return { clock, waiting, report: createUseReporter({ record }, clock.now) };
}

test('the first use of a key in a minute is reported once, and all its requests wait for the record', async () => {
  const { clock, waiting, report } = reporter();
  const uses = [report(USE), report(USE), report({ ...USE, requestId: 'r2' })];
  assert.equal(waiting.length, 1);
  waiting[0]?.resolve();
  await Promise.all(uses);
  assert.equal(report(USE), undefined);
  clock.advance(60);
  const later = report(USE);
  assert.equal(waiting.length, 2);
  waiting[1]?.resolve();
  await later;
});

test('each key has its own report', () => {
  const { waiting, report } = reporter();
  void report(USE);
  void report({ ...USE, id: 'k2' });
  assert.deepEqual(
    waiting.map(({ fact }) => fact.type === 'keyUsed' && fact.id),
    ['k1', 'k2'],
  );
});

test('a use is reported again if it could not be recorded', async () => {
  const { waiting, report } = reporter();
  const first = report(USE);
  waiting[0]?.reject(new Error('the disk is full'));
  await assert.rejects(Promise.resolve(first), /disk/);
  void report(USE);
  assert.equal(waiting.length, 2);
});

test('a record of the previous minute does not count for this minute', async () => {
  const { clock, waiting, report } = reporter();
  const before = report(USE);
  clock.advance(60);
  const now = report(USE);
  waiting[0]?.resolve();
  await before;
  assert.notEqual(report(USE), undefined, 'the use in this minute is not recorded yet');
  waiting[1]?.resolve();
  await now;
  assert.equal(report(USE), undefined);
});

test('a fact that the control plane refuses is refused with its reason', async () => {
  const batches: FactBatch[] = [];
  const facts = createFactRecorder((batch) => void batches.push(batch));
  const pending = facts.record(USE);
  await nextTurn();
  const id = batches[0]?.facts[0]?.id ?? 0;
  const refused = { code: 'sign_in_incomplete', detail: 'The code was used before.' } as const;
  facts.settle({ type: 'recorded', results: [{ id, ok: false, refusal: refused }] });
  await assert.rejects(pending, refusal('sign_in_incomplete', /used before/));
});
