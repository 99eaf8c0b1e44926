// TOTP and recovery codes: switching them on and off, and using each code once.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { Secret, TOTP } from 'otpauth';
import { refusal } from '../../support/errors.ts';
import { ADMIN, openIdentity } from '../../support/identity.ts';

const STEP_SECONDS = 30;

async function setUp(t: TestContext) {
  const identity = await openIdentity(t);
  const { clock, factors, createUser } = identity;
  await createUser('alice');
  const codeOf = (secret: string, steps = 0) =>
    new TOTP({ secret: Secret.fromBase32(secret) }).generate({
      timestamp: clock.now() + steps * STEP_SECONDS * 1000,
    });
  const use = (code: string) => factors.use('alice', code);
  return { ...identity, codeOf, use };
}

test('TOTP is required after a code has confirmed it; until then, the password is enough', async (t) => {
  const { factors, codeOf, published } = await setUp(t);
  const { secret } = await factors.begin('alice', ADMIN);
  assert.deepEqual(await factors.methods('alice'), []);
  await assert.rejects(factors.confirm('alice', '000000', ADMIN), refusal('unprocessable', /code is wrong/));
  assert.deepEqual(await factors.methods('alice'), []);
  const codes = await factors.confirm('alice', ` ${codeOf(secret)} `, ADMIN);
  assert.equal(codes.length, 10);
  assert.deepEqual(await factors.methods('alice'), ['totp', 'recovery']);
  assert.deepEqual(
    published.slice(-2).map(({ type }) => type),
    ['identity.totp_begun', 'identity.totp_enabled'],
  );
  await assert.rejects(
    factors.confirm('alice', codeOf(secret), ADMIN),
    refusal('conflict', /no TOTP to confirm/),
  );
});

test('limits wrong codes when TOTP is switched on', async (t) => {
  const { factors, codeOf, clock } = await setUp(t);
  const { secret } = await factors.begin('alice', ADMIN);
  for (let tries = 0; tries < 5; tries += 1) {
    await assert.rejects(factors.confirm('alice', '000000', ADMIN), refusal('unprocessable'));
  }
  await assert.rejects(factors.confirm('alice', codeOf(secret), ADMIN), refusal('too_many_requests'));
  clock.advance(300);
  await factors.confirm('alice', codeOf(secret), ADMIN);
});

test('a second start replaces the first, but not TOTP that is switched on', async (t) => {
  const { factors, codeOf } = await setUp(t);
  const first = await factors.begin('alice', ADMIN);
  const second = await factors.begin('alice', ADMIN);
  await assert.rejects(factors.confirm('alice', codeOf(first.secret), ADMIN), refusal('unprocessable'));
  await factors.confirm('alice', codeOf(second.secret), ADMIN);
  await assert.rejects(factors.begin('alice', ADMIN), refusal('conflict', /already has TOTP/));
  await assert.rejects(factors.enrol('alice', ADMIN), refusal('conflict'));
});

test('accepts a code one step early or late, and never twice (RFC 6238 §5.2)', async (t) => {
  const { factors, codeOf, use, clock } = await setUp(t);
  const { secret } = await factors.enrol('alice', ADMIN);
  for (const steps of [-2, 2]) assert.equal(await use(codeOf(secret, steps)), undefined, String(steps));
  assert.equal(await use(codeOf(secret, -1)), 'totp');
  assert.equal(await use(codeOf(secret, -1)), undefined);
  assert.equal(await use(codeOf(secret, 1)), 'totp');
  assert.equal(await use(codeOf(secret)), undefined, 'one before the last that was used');
  clock.advance(2 * STEP_SECONDS);
  assert.equal(await use(codeOf(secret)), 'totp');
});

test('of several requests with one code at once, accepts one (RFC 6238 §5.2)', async (t) => {
  const { factors, codeOf, use } = await setUp(t);
  const { secret, recoveryCodes } = await factors.enrol('alice', ADMIN);
  for (const code of [codeOf(secret), recoveryCodes[0] ?? '']) {
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => use(code)));
    assert.equal(outcomes.filter(Boolean).length, 1);
  }
});

test('accepts a recovery code once, and only for its user', async (t) => {
  const { factors, use, createUser, published } = await setUp(t);
  const { recoveryCodes } = await factors.enrol('alice', ADMIN);
  await createUser('bob');
  await factors.enrol('bob', ADMIN);
  const [code = ''] = recoveryCodes;
  assert.equal(await factors.use('bob', code), undefined);
  assert.equal(await use(code), 'recovery');
  assert.deepEqual(published.at(-1)?.data, { left: 9 });
  assert.equal(await use(code), undefined);
  const renewed = await factors.renewRecoveryCodes('alice', ADMIN);
  assert.equal(await use(recoveryCodes[1] ?? ''), undefined);
  assert.equal(await use(renewed[0] ?? ''), 'recovery');
});

test('refuses any text that is neither kind of code', async (t) => {
  const { factors, use } = await setUp(t);
  await factors.enrol('alice', ADMIN);
  for (const text of ['', ' ', '12345', '1234567', '١٢٣٤٥٦', 'abc', '\0', 'x'.repeat(10_000)]) {
    assert.equal(await use(text), undefined);
  }
  assert.equal(await factors.use('zoe', '123456'), undefined);
});

test('the secret is sealed, and removed with the factor and with the user', async (t) => {
  const { factors, users, database } = await setUp(t);
  const sealed = async () => {
    const rows = await database.read
      .withTables<{ sealed_secrets: { name: string; sealed: string } }>()
      .selectFrom('sealed_secrets')
      .selectAll()
      .where('name', 'like', 'identity/totp/%')
      .execute();
    return rows.map((row) => row.sealed);
  };
  const { secret } = await factors.enrol('alice', ADMIN);
  const [jwe = ''] = await sealed();
  assert.match(jwe, /^ey[\w.-]+$/);
  assert.ok(!jwe.includes(secret));
  await factors.remove('alice', ADMIN);
  assert.deepEqual(await sealed(), []);
  assert.deepEqual(await factors.status('alice'), { totpSince: null, recoveryCodesLeft: 0 });
  await assert.rejects(factors.remove('alice', ADMIN), refusal('not_found', /no TOTP/));
  await assert.rejects(factors.renewRecoveryCodes('alice', ADMIN), refusal('conflict', /no second factor/));
  await factors.enrol('alice', ADMIN);
  await users.remove('alice', ADMIN);
  assert.deepEqual(await sealed(), []);
  await assert.rejects(factors.enrol('alice', ADMIN), refusal('not_found', /no user "alice"/));
});

test('with TOTP, a password may be shorter, because it is one of two factors (NIST SP 800-63B-4 §3.1.1.2)', async (t) => {
  const { users, factors } = await setUp(t);
  const short = 'nine char';
  await assert.rejects(users.setPassword('alice', short, ADMIN), refusal('unprocessable', /12 to/));
  await factors.enrol('alice', ADMIN);
  await users.setPassword('alice', short, ADMIN);
});
