// Claims over the link: answered in any order, and refused if the control plane is silent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { ClaimBatch } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { createLinkClaims } from '../../src/link/claims.ts';

const claim = (key: string, party = key) => ({ key, party, expiresAt: 1 });
const unavailable = (error: unknown) => error instanceof GatehouseError && error.code === 'unavailable';

function setUp(answerWithinMs?: number) {
  const sent: ClaimBatch[] = [];
  return { sent, claims: createLinkClaims((batch) => sent.push(batch), answerWithinMs) };
}

test('simultaneous claims are sent in one message, and each gets its own answer', async () => {
  const { sent, claims } = setUp();
  const outcomes = Promise.all(['a', 'b', 'c'].map((key) => claims.claim(claim(key))));
  await setImmediate();
  const [batch] = sent;
  assert.deepEqual(
    batch?.claims.map((each) => each.claim.key),
    ['a', 'b', 'c'],
  );
  const [a, b, c] = batch?.claims.map(({ id }) => id) ?? [];
  claims.settle({
    type: 'claimed',
    results: [
      { id: Number(c), outcome: 'full' },
      { id: Number(a), outcome: 'first' },
    ],
  });
  claims.settle({ type: 'claimed', results: [{ id: Number(b), outcome: 'again' }] });
  assert.deepEqual(await outcomes, ['first', 'again', 'full']);
  assert.equal(sent.length, 1);
});

test('claims that come before the answer wait for it, and are then sent in one message', async () => {
  const { sent, claims } = setUp();
  const first = claims.claim(claim('a'));
  await setImmediate();
  const later = Promise.all(['b', 'c'].map((key) => claims.claim(claim(key))));
  await setImmediate();
  assert.equal(sent.length, 1);
  for (const position of [0, 1]) {
    const results = sent[position]?.claims.map(({ id }) => ({ id, outcome: 'first' as const })) ?? [];
    claims.settle({ type: 'claimed', results });
  }
  assert.deepEqual([await first, await later], ['first', ['first', 'first']]);
  assert.equal(sent.length, 2);
});

test('without an answer of the control plane in time, the request is refused, and a late answer changes nothing', async () => {
  const { sent, claims } = setUp(1);
  await assert.rejects(claims.claim(claim('a')), unavailable);
  const id = Number(sent[0]?.claims[0]?.id);
  claims.settle({ type: 'claimed', results: [{ id, outcome: 'first' }] });
});

test('2,000 claims may wait, at most half of them from one caller; more are refused at once', async () => {
  const { sent, claims } = setUp(1);
  const waiting = Array.from({ length: 1000 }, (_, index) => claims.claim(claim(String(index), 'greedy')));
  await assert.rejects(claims.claim(claim('more', 'greedy')), unavailable);
  waiting.push(claims.claim(claim('other', 'another')));
  await setImmediate();
  assert.equal(sent[0]?.claims.length, 1001);
  await Promise.allSettled(waiting);
  const next = claims.claim(claim('again'));
  await assert.rejects(next, unavailable, 'there is a free place again, but no answer');
});
