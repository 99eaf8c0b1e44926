// Claims: values that are accepted only once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claim } from '@gatehouse/access';
import { openClaimStore } from '../../../src/platform/short-lived/claims.ts';
import type { ClockRun } from '../../../src/platform/short-lived/clock-run-rows.ts';
import { openClockRuns } from '../../../src/platform/short-lived/clock-runs.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

async function setUp(limit?: number) {
  const clock = createFakeClock();
  const stored: Claim[] = [];
  const rows = { store: async (claim: Claim) => void stored.push(claim), load: async () => stored };
  const runRows = createRunRows();
  /** The claims at a start of the server. */
  const open = async () => {
    const wait = async (ms: number) => clock.advance(ms / 1000);
    return openClaimStore({ clock, rows, runs: await openClockRuns({ clock, rows: runRows, wait }) }, limit);
  };
  const claims = await open();
  const claim = (key: string, { seconds = 60, party = key, ahead = 0 } = {}) =>
    claims.claim({ key, party, expiresAt: clock.now() + seconds * 1000, madeAt: clock.now() + ahead * 1000 });
  return { clock, claims, claim, stored, open };
}

function createRunRows() {
  const runs = new Map<number, ClockRun>();
  return {
    load: async () => [...runs.values()],
    put: async (run: ClockRun) => void runs.set(run.from, run),
  };
}

test('accepts the first claim of a key, and no other until it ends', async () => {
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

test('a claim that has already ended is never the first', async () => {
  const { claim } = await setUp();
  assert.equal(await claim('a', { seconds: 0 }), 'again');
  assert.equal(await claim('a', { seconds: -1 }), 'again');
});

test('forgets ended claims when new ones come, also those that came after a longer one', async () => {
  const { clock, claims, claim } = await setUp();
  await claim('long', { seconds: 600 });
  for (let index = 0; index < 100; index += 1) await claim(`old ${index}`, { seconds: 1 });
  clock.advance(1);
  for (let index = 0; index < 50; index += 1) await claim(`new ${index}`);
  assert.equal(claims.count(), 51);
  assert.equal(await claim('long'), 'again');
});

test('a client that claims as fast as possible fills only its own share, and others continue', async () => {
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

test('a claim that is still valid after a restart is on disk before the answer', async () => {
  const { clock, claim, stored, open } = await setUp();
  await claim('usual');
  await claim('ahead', { ahead: 20 });
  assert.deepEqual(
    stored.map(({ key }) => key),
    ['ahead'],
  );
  const next = await open();
  const again = { key: 'ahead', party: 'ahead', expiresAt: clock.now() + 60_000 };
  assert.equal(await next.claim(again), 'again');
});

test('after the clock was set back, a used key is not accepted again, and every other key is', async () => {
  const { clock, claims, claim } = await setUp();
  const old = { key: 'old', party: 'alice', expiresAt: clock.now() + 60_000 };
  assert.equal(await claims.claim(old), 'first');
  clock.advance(3600);
  assert.equal(await claim('later'), 'first');
  clock.advance(-3590);
  assert.equal(await claims.claim(old), 'again', 'what has ended is remembered, while there is room');
  assert.equal(await claim('later', { seconds: 3650 }), 'again');
  assert.equal(await claim('new'), 'first');
  assert.equal(claims.isInDoubt(), false);
});

/** Makes so many claims that earlier ended ones are forgotten. */
async function forgetAllBefore({ clock, claim }: Pick<Awaited<ReturnType<typeof setUp>>, 'clock' | 'claim'>) {
  for (let index = 0; index < 6; index += 1) {
    assert.equal(await claim(`filler ${clock.now()} ${index}`, { seconds: 1 }), 'first');
  }
  clock.advance(2);
}

test('remembers a key that was claimed again, even after its first claim is forgotten', async () => {
  const { clock, claim } = await setUp(20);
  assert.equal(await claim('twice', { seconds: 1 }), 'first');
  clock.advance(2);
  assert.equal(await claim('twice', { seconds: 600 }), 'first');
  for (let round = 0; round < 3; round += 1) await forgetAllBefore({ clock, claim });
  assert.equal(await claim('twice', { seconds: 600 }), 'again');
});

test('after claims were forgotten, only values that the server made since the set-back are known to be new', async () => {
  const { clock, claims, claim } = await setUp(20);
  const old = { key: 'old', party: 'alice', expiresAt: clock.now() + 60_000, run: claims.run };
  assert.equal(await claims.claim(old), 'first');
  clock.advance(3600);
  for (let round = 0; round < 3; round += 1) await forgetAllBefore({ clock, claim });
  const { run } = claims;
  clock.advance(-3600);
  assert.notEqual(claims.run, run);
  assert.ok(claims.isInDoubt());
  assert.equal(await claims.claim(old), 'forgotten', 'its nonce is of the run before');
  assert.equal(await claim('of the client'), 'forgotten');
  const fresh = { key: 'fresh', party: 'bob', expiresAt: clock.now() + 30_000, run: claims.run };
  assert.equal(await claims.claim(fresh), 'first');
  assert.equal(await claims.claim(fresh), 'again');
  clock.advance(4000);
  assert.equal(await claim('after that time'), 'first');
  assert.equal(claims.isInDoubt(), false);
});

test('a restart after the clock was set back forgets no claim of a value that could be used again', async () => {
  const { clock, claims, open } = await setUp();
  clock.advance(3600);
  const captured = { key: 'captured', party: 'alice', expiresAt: clock.now() + 60_000, madeAt: clock.now() };
  assert.equal(await claims.claim(captured), 'first');
  clock.advance(-3600);
  const next = await open();
  assert.ok(next.isInDoubt());
  const made = { party: 'bob', expiresAt: clock.now() + 60_000, madeAt: clock.now() };
  assert.equal(await next.claim({ ...made, key: 'with a nonce', run: next.run }), 'first');
  clock.advance(3599);
  assert.equal(await next.claim(captured), 'forgotten');
  clock.advance(3);
  const later = { ...made, key: 'later', expiresAt: clock.now() + 60_000, madeAt: clock.now() };
  assert.equal(await next.claim(later), 'first');
});

test('if the clock was years ahead for a moment, later claims are not in doubt', async () => {
  const { clock, claim, open } = await setUp();
  assert.equal(await claim('usual'), 'first');
  const YEARS = 4 * 365 * 86_400;
  clock.advance(YEARS);
  assert.equal(await claim('ahead'), 'first');
  clock.advance(60 - YEARS);
  const next = await open();
  const now = clock.now();
  const claimAt = (madeAt: number) =>
    next.claim({ key: `at ${madeAt}`, party: 'alice', expiresAt: madeAt + 60_000, madeAt });
  assert.equal(await claimAt(now), 'first');
  assert.equal(await claimAt(now + YEARS * 1000 - 60_000), 'forgotten');
});
