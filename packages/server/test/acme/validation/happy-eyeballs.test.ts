// Several addresses of one host (RFC 8305). If one hangs, the others are tried, and the first that accepts is
// used.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { firstConnected, interleaved } from '../../../src/acme/validation/happy-eyeballs.ts';

interface Attempted {
  address: string;
  signal: AbortSignal;
  accept(): void;
  refuse(reason: string): void;
}

const TIMES = { delayMs: 250, timeoutMs: 8000 };

/** Attempts at these addresses, whose ends and whose clock the test controls. */
function race(t: TestContext, addresses: string[]) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const attempts: Attempted[] = [];
  const { signal, abort } = stoppable();
  const outcome = firstConnected(
    addresses,
    (address, signal) =>
      new Promise<string>((accept, reject) => {
        attempts.push({ address, signal, accept: () => accept(address), refuse: reject });
        signal.addEventListener('abort', () => reject('stopped'), { once: true });
      }),
    { ...TIMES, signal },
  );
  return { attempts, outcome, abort, tick: (ms: number) => t.mock.timers.tick(ms) };
}

function stoppable() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

const addressesOf = (attempts: readonly Attempted[]) => attempts.map(({ address }) => address);

test('the next attempt starts 250 ms after one that is still pending (RFC 8305 §5)', (t) => {
  const { attempts, tick } = race(t, ['a', 'b', 'c']);
  assert.deepEqual(addressesOf(attempts), ['a']);
  tick(249);
  assert.deepEqual(addressesOf(attempts), ['a']);
  tick(1);
  assert.deepEqual(addressesOf(attempts), ['a', 'b']);
  tick(250);
  assert.deepEqual(addressesOf(attempts), ['a', 'b', 'c']);
});

test('the next attempt starts at once when one has failed (RFC 8305 §5)', async (t) => {
  const { attempts } = race(t, ['a', 'b', 'c']);
  attempts[0]?.refuse('ECONNREFUSED');
  await turn();
  assert.deepEqual(addressesOf(attempts), ['a', 'b']);
});

test('the first that connects wins, and all other attempts end', async (t) => {
  const { attempts, outcome, tick } = race(t, ['a', 'b', 'c']);
  tick(250);
  attempts[1]?.accept();
  assert.deepEqual(await outcome, { connection: 'b' });
  tick(10_000);
  assert.deepEqual(
    attempts.map(({ address, signal }) => [address, signal.aborted]),
    [
      ['a', true],
      ['b', false],
    ],
  );
});

test('of two that connect together one is closed', async (t) => {
  const { attempts, outcome, tick } = race(t, ['a', 'b']);
  tick(250);
  attempts[0]?.accept();
  attempts[1]?.accept();
  assert.deepEqual(await outcome, { connection: 'a' });
  assert.deepEqual(
    attempts.map(({ signal }) => signal.aborted),
    [false, true],
  );
});

test('when none connects, each address has a reason', async (t) => {
  const { attempts, outcome, tick } = race(t, ['a', 'b']);
  tick(250);
  attempts[1]?.refuse('ECONNREFUSED');
  tick(7750);
  const failed = [
    { address: 'b', reason: 'ECONNREFUSED' },
    { address: 'a', reason: 'stopped' },
  ];
  assert.deepEqual(await outcome, { failed });
});

test('a stop ends all attempts, and closes the connection that was returned', async (t) => {
  const stopped = race(t, ['a', 'b']);
  stopped.abort();
  assert.deepEqual(await stopped.outcome, { failed: [{ address: 'a', reason: 'stopped' }] });
  t.mock.timers.reset();
  const connected = race(t, ['a']);
  connected.attempts[0]?.accept();
  await connected.outcome;
  connected.abort();
  assert.equal(connected.attempts[0]?.signal.aborted, true);
});

test('a stop before the start ends the first attempt and starts no other', async () => {
  const started: string[] = [];
  const outcome = await firstConnected(
    ['a', 'b'],
    async (address, signal) => {
      started.push(address);
      await new Promise((_accept, reject) => signal.addEventListener('abort', () => reject('stopped')));
    },
    { ...TIMES, signal: AbortSignal.abort() },
  );
  assert.deepEqual(outcome, { failed: [{ address: 'a', reason: 'stopped' }] });
  assert.deepEqual(started, ['a']);
});

test('the families take turns, IPv4 first (RFC 8305 §4)', () => {
  assert.deepEqual(interleaved(['1.1.1.1', '2.2.2.2', '3.3.3.3', '::1']), [
    '1.1.1.1',
    '::1',
    '2.2.2.2',
    '3.3.3.3',
  ]);
  assert.deepEqual(interleaved(['::1', '::2', '1.1.1.1']), ['1.1.1.1', '::1', '::2']);
  assert.deepEqual(interleaved(['::1']), ['::1']);
  assert.deepEqual(interleaved([]), []);
});
