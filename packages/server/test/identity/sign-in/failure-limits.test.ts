// Limits on guessing that do not lock the owner out (NIST SP 800-63B-4 §3.2.2).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attempt } from '../../../src/identity/sign-in/failure-limits.ts';
import {
  CODE_RATES,
  createFailureLimits,
  PASSWORD_RATES,
} from '../../../src/identity/sign-in/failure-limits.ts';
import { refusal } from '../../support/errors.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const attempt = (account: string, address: string, isKnown = false): Attempt => ({
  account,
  address,
  isKnown,
});
const tooMany = refusal('too_many_requests', /^Too many wrong passwords: try again in \d+ s\.$/);

function setUp(rates = PASSWORD_RATES) {
  const clock = createFakeClock();
  const memory = { of: () => [], note() {}, written: async () => {} };
  const named = { name: 'passwords', what: 'passwords' };
  const limits = createFailureLimits(rates, named, { clock, memory });
  const fail = (attempted: Attempt, times: number) => {
    for (let count = 0; count < times; count += 1) limits.failed(attempted);
  };
  const allows = (attempted: Attempt) => assert.doesNotThrow(() => limits.requireRoom(attempted));
  const refuses = (attempted: Attempt) => assert.throws(() => limits.requireRoom(attempted), tooMany);
  return { clock, limits, fail, allows, refuses };
}

test('an address that failed too often for an account must wait, but only for this account', () => {
  const { clock, fail, allows, refuses } = setUp();
  fail(attempt('alice', '192.0.2.1'), 9);
  allows(attempt('alice', '192.0.2.1'));
  fail(attempt('alice', '192.0.2.1'), 1);
  refuses(attempt('alice', '192.0.2.1'));
  refuses(attempt('ALICE', '192.0.2.1'));
  allows(attempt('bob', '192.0.2.1'));
  allows(attempt('alice', '192.0.2.2'));
  clock.advance(60);
  allows(attempt('alice', '192.0.2.1'));
});

test('failures elsewhere do not affect an address from which the owner has signed in', () => {
  const { fail, allows, refuses } = setUp();
  for (let host = 0; host < 200; host += 1) fail(attempt('alice', `198.51.100.${host}`), 1);
  refuses(attempt('alice', '192.0.2.9'));
  allows(attempt('alice', '192.0.2.1', true));
});

test('an address that tries many accounts must wait, but not for users who have signed in from it', () => {
  const { fail, allows, refuses } = setUp();
  for (let name = 0; name < 1000; name += 1) fail(attempt(`user${name}`, '2001:db8::1'), 1);
  refuses(attempt('alice', '2001:db8::2'));
  allows(attempt('alice', '2001:db8::2', true));
  allows(attempt('alice', '192.0.2.1'));
});

test('a success resets the failures before it', () => {
  const { limits, fail, allows } = setUp();
  fail(attempt('alice', '192.0.2.1'), 9);
  limits.succeeded(attempt('alice', '192.0.2.1'));
  fail(attempt('alice', '192.0.2.1'), 9);
  allows(attempt('alice', '192.0.2.1'));
});

test('failures at the same time expire one after the other', () => {
  const { clock, fail, allows, refuses } = setUp(CODE_RATES);
  fail(attempt('alice', '192.0.2.1'), 10);
  clock.advance(5 * 60 * 5);
  refuses(attempt('alice', '192.0.2.1'));
  clock.advance(5 * 60);
  allows(attempt('alice', '192.0.2.1'));
});

test('the refusal says when to try again', () => {
  const { limits, fail } = setUp();
  fail(attempt('alice', '192.0.2.1'), 10);
  assert.throws(
    () => limits.requireRoom(attempt('alice', '192.0.2.1')),
    (error: { retryAfterSeconds: number }) => error.retryAfterSeconds === 60,
  );
});
