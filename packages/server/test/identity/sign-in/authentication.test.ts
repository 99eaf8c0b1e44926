// Authentication: the cost of a sign-in, its answers, and its entries in the ledger.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { FactorRequired } from '../../../src/identity/sign-in/authentication.ts';
import { refusal } from '../../support/errors.ts';
import { ADMIN, openIdentity, PASSWORD } from '../../support/identity.ts';

const HOME = { address: '192.0.2.1', requestId: 'r1' };
const wrong = refusal('credential_invalid', /user name or the password is wrong/);

async function setUp(t: TestContext) {
  const identity = await openIdentity(t);
  await identity.createUser('alice');
  const { authentication, database, checks } = identity;
  const signIn = (name: string, password: string, client = HOME) =>
    authentication.password({ name, password }, client);
  const complete = (client = HOME) => database.write((tx) => authentication.complete(tx, 'alice', client));
  const cost = async (act: Promise<unknown>) => {
    checks.count = 0;
    await act.catch(() => {});
    return checks.count;
  };
  return { ...identity, signIn, complete, cost };
}

test('every attempt costs one check, whether the user exists or not', async (t) => {
  const { signIn, cost, users, createUser } = await setUp(t);
  await createUser('mallory');
  await users.setDisabled('mallory', true, ADMIN);
  for (const [name, password] of [
    ['alice', PASSWORD],
    ['alice', 'wrong'],
    ['zoe', 'wrong'],
    ['mallory', PASSWORD],
    ['zoe', 'x'.repeat(100_000)],
  ] as const) {
    assert.equal(await cost(signIn(name, password)), 1, name);
  }
});

test('an attempt beyond the limit costs nothing, whether the user exists or not', async (t) => {
  const { signIn, cost, refused } = await setUp(t);
  for (const name of ['alice', 'zoe']) {
    for (let times = 0; times < 10; times += 1) await assert.rejects(signIn(name, 'wrong'), wrong);
    await assert.rejects(signIn(name, 'wrong'), refusal('too_many_requests'));
    assert.equal(await cost(signIn(name, 'wrong')), 0);
  }
  assert.deepEqual(new Set(refused), new Set([HOME.address]));
});

test('the owner signs in from an address that they know while others guess', async (t) => {
  const { signIn, complete } = await setUp(t);
  await signIn('alice', PASSWORD);
  await complete();
  for (let host = 0; host < 120; host += 1) {
    await signIn('alice', 'wrong', { address: `198.51.100.${host}`, requestId: 'r' }).catch(() => {});
  }
  const elsewhere = { address: '203.0.113.1', requestId: 'r' };
  await assert.rejects(signIn('alice', PASSWORD, elsewhere), refusal('too_many_requests'));
  assert.ok('user' in (await signIn('alice', PASSWORD)));
});

test('the first failure is in the ledger before the answer, equal ones are counted', async (t) => {
  const { signIn, published, repeated, clock } = await setUp(t);
  published.length = 0;
  for (let times = 0; times < 5; times += 1) {
    await assert.rejects(signIn('alice', 'wrong', { ...HOME, requestId: `r${times}` }));
    clock.advance(1);
  }
  assert.equal(published.length, 1);
  assert.deepEqual([published[0]?.subject, published[0]?.data.requestId], ['alice', 'r0']);
  await repeated.flush();
  assert.equal(published.length, 2);
  const { count, first, last, factor } = published[1]?.data ?? {};
  assert.deepEqual([factor, count], ['password', 4]);
  assert.deepEqual([first, last], ['2026-03-01T12:00:00.000Z', '2026-03-01T12:00:04.000Z']);
});

test('a user with a second factor gets a token for it, which is void after five minutes', async (t) => {
  const { signIn, factors, authentication, clock } = await setUp(t);
  const { recoveryCodes } = await factors.enrol('alice', ADMIN);
  const { mfaToken, methods } = (await signIn('alice', PASSWORD)) as FactorRequired;
  assert.deepEqual(methods, ['totp', 'recovery']);
  const prove = (token: string, code = '') => authentication.secondFactor({ mfaToken: token, code }, HOME);
  await assert.rejects(
    prove('unknown', recoveryCodes[0]),
    refusal('credential_invalid', /mfa_token is unknown/),
  );
  clock.advance(299);
  const { user, amr, authTime } = await prove(mfaToken, recoveryCodes[0]);
  assert.deepEqual([user.name, amr], ['alice', ['pwd', 'otp', 'mfa']]);
  assert.equal(authTime, clock.now() / 1000);
  await assert.rejects(prove(mfaToken, recoveryCodes[1]), refusal('credential_invalid'));
  const late = (await signIn('alice', PASSWORD)) as FactorRequired;
  clock.advance(300);
  await assert.rejects(prove(late.mfaToken, recoveryCodes[1]), refusal('credential_invalid'));
});

test('many wrong codes at once do not exceed the limit together', async (t) => {
  const { signIn, factors, authentication } = await setUp(t);
  await factors.enrol('alice', ADMIN);
  const { mfaToken } = (await signIn('alice', PASSWORD)) as FactorRequired;
  const tries = Array.from({ length: 20 }, (_, index) =>
    authentication.secondFactor({ mfaToken, code: String(100_000 + index) }, HOME).then(
      () => 'accepted',
      ({ code }: { code: string }) => code,
    ),
  );
  const outcomes = await Promise.all(tries);
  assert.equal(outcomes.filter((code) => code === 'credential_invalid').length, 5);
  assert.equal(outcomes.filter((code) => code === 'too_many_requests').length, 15);
});

test('a first factor at a provider needs the second factor here, unless the sign-in there has an accepted one', async (t) => {
  const { authentication, users, factors } = await setUp(t);
  const user = await users.show('alice');
  const through = { provider: 'sso', subject: 's', sid: null };
  const first = { amr: ['fed'], through, authTime: 7 };
  assert.deepEqual(await authentication.firstFactor(user, first, HOME), { user, ...first });
  const { recoveryCodes } = await factors.enrol('alice', ADMIN);
  const demand = (await authentication.firstFactor(user, first, HOME)) as FactorRequired;
  const code = String(recoveryCodes[0]);
  const done = await authentication.secondFactor({ mfaToken: demand.mfaToken, code }, HOME);
  assert.deepEqual([done.amr, done.through, done.authTime], [['fed', 'otp', 'mfa'], through, 7]);
  const trusted = { ...first, amr: ['fed', 'mfa'] };
  assert.ok('user' in (await authentication.firstFactor(user, trusted, HOME)));
});
