// What counts once only.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claim } from '@gatehouse/access';
import { openClaimStore } from '../../../src/platform/short-lived/claims.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

async function setUp(limit?: number) {
  const clock = createFakeClock();
  const stored: Claim[] = [];
  const rows = { store: async (claim: Claim) => void stored.push(claim), load: async () => stored };
  const claims = await openClaimStore({ clock, rows }, limit);
  const claim = (key: string, { seconds = 60, party = key, ahead = 0 } = {}) =>
    claims.claim({ key, party, expiresAt: clock.now() + seconds * 1000, madeAt: clock.now() + ahead * 1000 });
  return { clock, claims, claim, stored, rows };
}

test('the first claim of a key counts, and no other until it ends', async () => {
  const { clock, claim } = await setUp();
  assert.equal(await claim('a'), 'first');
  assert.equal(await claim('a'), 'again');
  assert.equal(await claim('b'), 'first');
  clock.advance(59);
  assert.equal(await claim('a'), 'again');
  clock.advance(1);
  assert.equal(await claim('a'), 'first');
  clock.advance(1);
  assert.equal(await claim('a'), 'again', 'what the earlier one leaves does not end the later one');
});

test('what has ended when it comes is never the first', async () => {
  const { claim } = await setUp();
  assert.equal(await claim('a', { seconds: 0 }), 'again');
  assert.equal(await claim('a', { seconds: -1 }), 'again');
});

test('ended claims are forgotten as new ones come, also those that came after one that lives longer', async () => {
  const { clock, claims, claim } = await setUp();
  await claim('long', { seconds: 600 });
  for (let index = 0; index < 100; index += 1) await claim(`old ${index}`, { seconds: 1 });
  clock.advance(1);
  for (let index = 0; index < 50; index += 1) await claim(`new ${index}`);
  assert.equal(claims.count(), 51);
  assert.equal(await claim('long'), 'again');
});

test('a client that claims as fast as it can fills its own share, and others go on', async () => {
  const { clock, claims, claim } = await setUp(1000);
  const outcomes = new Set<string>();
  for (let index = 0; index < 2000; index += 1) {
    outcomes.add(await claim(`greedy ${index}`, { party: 'greedy', seconds: 10 }));
  }
  assert.deepEqual([[...outcomes], claims.count()], [['first', 'full'], 500]);
  for (let index = 0; index < 100; index += 1) {
    assert.equal(await claim(`other ${index}`, { party: 'other' }), 'first');
  }
  assert.equal(await claim('greedy 0', { party: 'greedy' }), 'again', 'nothing is forgotten before its time');
  clock.advance(10);
  assert.equal(await claim('greedy again', { party: 'greedy' }), 'first');
});

test('a claim that a restart would forget while it still counts is on disk before the answer', async () => {
  const { clock, claim, stored, rows } = await setUp();
  await claim('usual');
  await claim('ahead', { ahead: 20 });
  assert.deepEqual(
    stored.map(({ key }) => key),
    ['ahead'],
  );
  const next = await openClaimStore({ clock, rows });
  const again = { key: 'ahead', party: 'ahead', expiresAt: clock.now() + 60_000 };
  assert.equal(await next.claim(again), 'again');
});

test('after the clock was set back, what was forgotten is not the first again', async () => {
  const { clock, claims, claim } = await setUp();
  const old = { key: 'old', party: 'alice', expiresAt: clock.now() + 60_000 };
  assert.equal(await claims.claim(old), 'first');
  clock.advance(200);
  assert.equal(await claim('later'), 'first');
  clock.advance(-190);
  assert.equal(await claims.claim(old), 'forgotten');
  assert.equal(await claim('later', { seconds: 250 }), 'again', 'what is remembered is known');
  assert.equal(await claim('new', { seconds: 60 }), 'first');
});
