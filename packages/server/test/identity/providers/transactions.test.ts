// Pending sign-ins: bound to one browser and one provider, for one answer and ten minutes.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { Transaction } from '../../../src/identity/providers/transactions.ts';
import { createTransactions } from '../../../src/identity/providers/transactions.ts';
import { createShortLivedStore } from '../../../src/platform/short-lived/short-lived-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const NEXT = { next: '/account', again: false };

function setUp() {
  const clock = createFakeClock();
  const stored = createShortLivedStore<Transaction>(clock, { perOwner: 8 });
  const transactions = createTransactions(stored, clock);
  const call = (cookie?: string) => ({
    header: (name: string) => (name === 'cookie' ? cookie : undefined),
    address: '192.0.2.7',
  });
  const begin = (provider: string, cookie?: string) => transactions.begin(provider, NEXT, call(cookie));
  const take = (provider: string, state: string, cookie?: string) =>
    transactions.take(provider, state, call(cookie));
  return { clock, begin, take };
}

const sentBack = (cookie: string) => String(cookie.split(';')[0]);

test('the cookie is for this host only, and has only secrets', async () => {
  const { cookie } = await setUp().begin('one');
  assert.match(
    cookie,
    /^__Host-gatehouse-provider=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/,
  );
});

test('the browser that began gets its transaction, once', async () => {
  const { begin, take } = setUp();
  const { state, nonce, challenge, cookie } = await begin('one');
  const found = await take('one', state, sentBack(cookie));
  assert.deepEqual([found?.nonce, found?.next], [nonce, '/account']);
  // The vector's form: BASE64URL(SHA256(ASCII(code_verifier))), RFC 7636 §4.2.
  assert.equal(createHash('sha256').update(String(found?.verifier)).digest('base64url'), challenge);
  assert.equal(await take('one', state, sentBack(cookie)), undefined);
});

test('refuses another browser, another provider, another state, and a late answer', async () => {
  const { clock, begin, take } = setUp();
  const { state, cookie } = await begin('one');
  const other = await begin('one');
  assert.equal(await take('one', state), undefined);
  assert.equal(await take('one', state, sentBack(other.cookie)), undefined);
  assert.equal(await take('two', state, sentBack(cookie)), undefined);
  assert.equal(await take('one', 'made-up', sentBack(cookie)), undefined);
  assert.equal(
    await take('one', state, `${sentBack(cookie)}; ${sentBack(other.cookie)}`),
    undefined,
    'two cookies',
  );
  assert.ok(await take('one', state, sentBack(cookie)), 'none of them used it up');
  const late = await begin('one');
  clock.advance(601);
  assert.equal(await take('one', late.state, sentBack(late.cookie)), undefined);
});

test('a browser has at most four at a time, in one short cookie', async () => {
  const { begin, take } = setUp();
  const first = await begin('one');
  let { cookie } = first;
  let last = first;
  for (let times = 0; times < 4; times += 1) {
    last = await begin('one', sentBack(cookie));
    ({ cookie } = last);
  }
  assert.ok(cookie.length < 300);
  assert.equal(await take('one', first.state, sentBack(cookie)), undefined);
  assert.ok(await take('one', last.state, sentBack(cookie)));
});

test('a planted cookie that has no secrets is dropped', async () => {
  const { cookie } = await setUp().begin('one', `__Host-gatehouse-provider=${'x'.repeat(5000)}.<script>`);
  assert.match(sentBack(cookie), /^__Host-gatehouse-provider=[\w-]{43}$/);
});
