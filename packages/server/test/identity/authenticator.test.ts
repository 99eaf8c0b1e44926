// From credential to principal, with what memory holds and a clock alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTokenIssuer, generateSigningKey } from '../../src/identity/access-token.ts';
import { formatApiKey, generateApiKey, hashSecret } from '../../src/identity/api-key.ts';
import type { Authenticator } from '../../src/identity/authenticator.ts';
import { createAuthenticator, credentialFrom } from '../../src/identity/authenticator.ts';
import type { Principals, UserFacts } from '../../src/identity/principals.ts';
import type { Principal } from '../../src/platform/principal.ts';
import { refusal } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const ISSUER = 'https://localhost:9443';
const AUDIENCE = 'https://localhost:8443';
const LIFETIME_SECONDS = 900;
const EPOCH = 41;

const clock = createFakeClock();
const issuer = await createTokenIssuer(generateSigningKey(), LIFETIME_SECONDS, clock);
const robot = generateApiKey();

type Users = Principals['users'];
const trust = { jwks: issuer.jwks, issuer: ISSUER, audience: AUDIENCE };
const alice = { roles: ['user'], disabled: false, tokenEpoch: EPOCH };

function principalsWith(
  users: Users = new Map([['alice', alice]]),
  expiresAt: number | null = null,
): Principals {
  const key = { name: 'robot', roles: ['user'], secretHash: hashSecret(robot.secret), expiresAt };
  const services = new Map([['backup', { roles: ['admin'] }]]);
  return { users, keys: new Map([[robot.id, key]]), services };
}

async function issueToken(name = 'alice', roles = ['user']): Promise<string> {
  const subject = { name, roles, amr: ['pwd'], epoch: EPOCH };
  return (await issuer.issue(subject, { issuer: ISSUER, audience: [AUDIENCE, ISSUER] })).token;
}

const bearer = (authenticator: Authenticator, token: string) =>
  authenticator.authenticate({ via: 'bearer', token });
/** As a promise whichever way it is answered. */
const ask = async (authenticator: Authenticator, token: string): Promise<Principal> =>
  bearer(authenticator, token);

test('no credential is none; Bearer and X-API-Key are one each', () => {
  assert.equal(credentialFrom(undefined, undefined), undefined);
  assert.deepEqual(credentialFrom('Bearer a.b.c', undefined), { via: 'bearer', token: 'a.b.c' });
  assert.deepEqual(credentialFrom('bEARER  a.b.c', undefined), { via: 'bearer', token: 'a.b.c' });
  assert.deepEqual(credentialFrom(undefined, 'ghk_x'), { via: 'apiKey', key: 'ghk_x' });
});

test('refuses two credentials at once: which one counts must not be a guess', () => {
  assert.throws(() => credentialFrom('Bearer a.b.c', 'ghk_x'), refusal('credential_malformed', /not both/));
  assert.throws(() => credentialFrom('', ''), refusal('credential_malformed', /not both/));
});

test('an API key in Authorization is told where it belongs', () => {
  const misplaced = () => credentialFrom(`Bearer ${robot.text}`, undefined);
  assert.throws(misplaced, refusal('credential_malformed', /send it in X-API-Key/));
});

test('refuses an Authorization that is not Bearer and one token (RFC 6750 §2.1)', () => {
  const wrong = [
    '',
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer a, Bearer b',
    'Basic YTpi',
    'Digest a',
    ' Bearer a',
    'Bearer\ta',
    'Bearer a\n',
    'Bearer é',
  ];
  for (const value of wrong) {
    assert.throws(
      () => credentialFrom(value, undefined),
      refusal('credential_malformed'),
      JSON.stringify(value),
    );
  }
});

test('an API key becomes a service with the roles of the key', async () => {
  const authenticator = createAuthenticator(principalsWith(), trust, clock);
  assert.deepEqual(authenticator.authenticate({ via: 'apiKey', key: robot.text }), {
    kind: 'service',
    name: 'robot',
    roles: ['user'],
    scopes: [],
    amr: ['swk'],
    via: 'apiKey',
    keyId: robot.id,
  });
});

test('refuses a malformed key, an unknown one, another secret and an expired one', () => {
  const authenticator = createAuthenticator(principalsWith(undefined, clock.now() + 1000), trust, clock);
  const use =
    (key: string, by = authenticator) =>
    () =>
      by.authenticate({ via: 'apiKey', key });
  use(robot.text)();
  assert.throws(use('ghk_'), refusal('credential_malformed'));
  assert.throws(use(generateApiKey().text), refusal('credential_invalid', /unknown or was revoked/));
  const guessed = formatApiKey({ id: robot.id, secret: generateApiKey().secret });
  assert.throws(use(guessed), refusal('credential_invalid', /unknown or was revoked/));
  const late = createFakeClock(clock.now() + 1000);
  const expired = createAuthenticator(principalsWith(undefined, late.now()), trust, late);
  assert.throws(use(robot.text, expired), refusal('credential_invalid', /expired/));
});

test('a token becomes a user with the present roles, not those at the time of issue', async () => {
  const token = await issueToken('alice', ['admin', 'user']);
  const authenticator = createAuthenticator(principalsWith(), trust, clock);
  assert.deepEqual(await ask(authenticator, token), {
    kind: 'user',
    name: 'alice',
    roles: ['user'],
    scopes: [],
    amr: ['pwd'],
    via: 'bearer',
    tokenEpoch: EPOCH,
  });
});

test('answers at once for a token that it verified before', async () => {
  const token = await issueToken();
  const authenticator = createAuthenticator(principalsWith(), trust, clock);
  assert.ok(bearer(authenticator, token) instanceof Promise);
  const first = await ask(authenticator, token);
  const second = bearer(authenticator, token);
  assert.ok(!(second instanceof Promise));
  assert.deepEqual(second, first);
});

test('looks at exp again on every hit of the cache', async () => {
  const moving = createFakeClock(clock.now());
  const token = await issueToken();
  const authenticator = createAuthenticator(principalsWith(), trust, moving);
  await ask(authenticator, token);
  moving.advance(LIFETIME_SECONDS - 1);
  await ask(authenticator, token);
  moving.advance(1);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await assert.rejects(ask(authenticator, token), refusal('token_expired'));
  }
});

test('looks at iat again on every hit of the cache: the clock may have been set back', async () => {
  const moving = createFakeClock(clock.now());
  const token = await issueToken();
  const authenticator = createAuthenticator(principalsWith(), trust, moving);
  await ask(authenticator, token);
  moving.advance(-7200);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await assert.rejects(ask(authenticator, token), refusal('credential_invalid', /clock was ahead/));
  }
});

const voided: Record<string, Users> = {
  'a user who was removed': new Map(),
  'a user who was disabled': new Map([['alice', { ...alice, disabled: true }]]),
  'a user whose password changed': new Map([['alice', { ...alice, tokenEpoch: EPOCH + 1 }]]),
};

for (const [what, users] of Object.entries(voided)) {
  test(`refuses the token of ${what}, also when it was verified before`, async () => {
    const token = await issueToken();
    await assert.rejects(
      ask(createAuthenticator(principalsWith(users), trust, clock), token),
      refusal('credential_invalid', /revoked/),
    );
    const live = new Map<string, UserFacts>([['alice', alice]]);
    const authenticator = createAuthenticator(principalsWith(live), trust, clock);
    await ask(authenticator, token);
    live.clear();
    for (const [name, user] of users) live.set(name, user);
    await assert.rejects(ask(authenticator, token), refusal('credential_invalid', /revoked/));
  });
}

test('a subject that is a name of Object.prototype is nobody', async () => {
  const authenticator = createAuthenticator(principalsWith(), trust, clock);
  for (const name of ['constructor', '__proto__', 'toString']) {
    await assert.rejects(ask(authenticator, await issueToken(name)), refusal('credential_invalid'));
  }
});

test('refuses a token that is too long without looking into it', async () => {
  const authenticator = createAuthenticator(principalsWith(), trust, clock);
  await assert.rejects(ask(authenticator, 'a'.repeat(8193)), refusal('credential_malformed', /too long/));
});

test('does not remember a token that it refused', async () => {
  const authenticator = createAuthenticator(principalsWith(), trust, clock);
  const token = `${await issueToken()}x`;
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await assert.rejects(ask(authenticator, token), refusal('credential_invalid'));
  }
});

test('remembers at most 8,192 tokens, and forgets the oldest first', async () => {
  const LIMIT = 8192;
  const authenticator = createAuthenticator(principalsWith(), trust, clock);
  const isKnown = (token: string) => !(bearer(authenticator, token) instanceof Promise);
  const [oldest, second] = [await issueToken(), await issueToken()];
  await ask(authenticator, oldest);
  await ask(authenticator, second);
  const BATCH = 1024;
  for (let count = 2; count < LIMIT; count += BATCH) {
    const more = await Promise.all(
      Array.from({ length: Math.min(BATCH, LIMIT - count) }, () => issueToken()),
    );
    await Promise.all(more.map((token) => ask(authenticator, token)));
  }
  assert.deepEqual([isKnown(oldest), isKnown(second)], [true, true]);
  await ask(authenticator, await issueToken());
  assert.deepEqual([isKnown(oldest), isKnown(second)], [false, true]);
});

test('the owner of a client certificate is a user or a service, with their present roles', () => {
  const authenticator = createAuthenticator(principalsWith(), trust, clock);
  assert.deepEqual(authenticator.principalOf({ kind: 'user', name: 'alice' }), {
    kind: 'user',
    name: 'alice',
    roles: ['user'],
    scopes: [],
    amr: ['swk'],
    via: 'mtls',
  });
  const service = authenticator.principalOf({ kind: 'service', name: 'backup' });
  assert.deepEqual([service.kind, service.roles], ['service', ['admin']]);
});

test('nobody is the owner of a client certificate who was removed, disabled, or is of the other kind', () => {
  const disabled = principalsWith(new Map([['alice', { ...alice, disabled: true }]]));
  const authenticator = createAuthenticator(disabled, trust, clock);
  for (const owner of [
    { kind: 'user', name: 'alice' },
    { kind: 'user', name: 'backup' },
    { kind: 'service', name: 'alice' },
    { kind: 'service', name: 'robot' },
    { kind: 'service', name: '__proto__' },
  ] as const) {
    assert.throws(() => authenticator.principalOf(owner), refusal('client_certificate_invalid', /removed/));
  }
});

test('what began with a credential goes on with the roles of now, until the credential is revoked', async () => {
  const before = createAuthenticator(principalsWith(), trust, clock);
  const user = await ask(before, await issueToken());
  const service = await before.authenticate({ via: 'apiKey', key: robot.text });
  const promoted = new Map([['alice', { ...alice, roles: ['admin'] }]]);
  const after = createAuthenticator(principalsWith(promoted, clock.now()), trust, clock);
  assert.deepEqual(after.current(user).roles, ['admin']);
  assert.deepEqual(after.current(service), service, 'it has expired, and was good when it was used');
  for (const users of [
    new Map(),
    new Map([['alice', { ...alice, disabled: true }]]),
    new Map([['alice', { ...alice, tokenEpoch: EPOCH + 1 }]]),
  ]) {
    const revoked = createAuthenticator({ ...principalsWith(users), keys: new Map() }, trust, clock);
    assert.throws(() => revoked.current(user), refusal('credential_invalid', /revoked/));
    assert.throws(() => revoked.current(service), refusal('credential_invalid', /revoked/));
  }
});
