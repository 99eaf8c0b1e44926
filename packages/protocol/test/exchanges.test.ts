import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createExchanges } from '../src/encrypted-channel/exchanges.ts';
import { createFernet, generateFernetKey, generateX25519KeyPair } from '../src/index.ts';

const keyPair = await generateX25519KeyPair();
const fernet = createFernet(generateFernetKey());

function exchangesAt(now: { ms: number }, maxClients = 3) {
  return createExchanges({ clock: () => now.ms, maxClients, ttlSeconds: 600 });
}

test('stores the private key only until the exchange is finished', () => {
  const exchanges = exchangesAt({ ms: 0 });
  exchanges.offer('a', keyPair);
  assert.deepEqual(exchanges.find('a'), { state: 'offered', keyPair });
  assert.equal(exchanges.agree('a', fernet), true);
  assert.deepEqual(exchanges.find('a'), { state: 'agreed', fernet });
});

test('refuses a second agreement and an agreement of an unknown client', () => {
  const exchanges = exchangesAt({ ms: 0 });
  exchanges.offer('a', keyPair);
  exchanges.agree('a', fernet);
  const second = createFernet(generateFernetKey());
  assert.equal(exchanges.agree('a', second), false);
  assert.equal(exchanges.agree('b', second), false);
  assert.deepEqual(exchanges.find('a'), { state: 'agreed', fernet });
});

test('removes the oldest unfinished exchange first at the limit', () => {
  const exchanges = exchangesAt({ ms: 0 });
  for (const id of ['finished', 'old', 'young']) exchanges.offer(id, keyPair);
  exchanges.agree('finished', fernet);
  exchanges.offer('new', keyPair);
  assert.deepEqual(
    ['finished', 'old', 'young', 'new'].map((id) => exchanges.find(id)?.state),
    ['agreed', undefined, 'offered', 'offered'],
  );
});

test('removes the finished exchange that was unused the longest if all are finished', () => {
  const exchanges = exchangesAt({ ms: 0 }, 2);
  for (const id of ['idle', 'used']) {
    exchanges.offer(id, keyPair);
    exchanges.agree(id, fernet);
  }
  exchanges.refresh('idle');
  exchanges.offer('new', keyPair);
  assert.deepEqual(
    ['idle', 'used', 'new'].map((id) => exchanges.find(id)?.state),
    ['agreed', undefined, 'offered'],
  );
});

test('removes an unfinished exchange when its time is over, also if it is read often', () => {
  const now = { ms: 0 };
  const exchanges = exchangesAt(now);
  exchanges.offer('a', keyPair);
  now.ms = 599_999;
  assert.ok(exchanges.find('a'));
  now.ms = 600_000;
  assert.equal(exchanges.find('a'), undefined);
  assert.equal(exchanges.agree('a', fernet), false);
});

test('a finished exchange stays while it is used', () => {
  const now = { ms: 0 };
  const exchanges = exchangesAt(now);
  exchanges.offer('a', keyPair);
  exchanges.agree('a', fernet);
  for (now.ms = 500_000; now.ms <= 5_000_000; now.ms += 500_000) exchanges.refresh('a');
  now.ms = 5_599_999;
  assert.equal(exchanges.find('a')?.state, 'agreed');
  now.ms = 5_600_000;
  exchanges.refresh('a');
  assert.equal(exchanges.find('a'), undefined);
});

test('never stores more clients than the limit, and removes expired ones', () => {
  const now = { ms: 0 };
  const exchanges = exchangesAt(now, 100);
  for (let index = 0; index < 10_000; index += 1) exchanges.offer(String(index), keyPair);
  assert.equal(exchanges.size, 100);
  now.ms = 600_000;
  exchanges.offer('later', keyPair);
  assert.equal(exchanges.size, 1);
});
