// From credential to principal, with only memory and a clock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type {
  AuthenticationMethod,
  Clock,
  KeyFacts,
  Presented,
  Principal,
  Principals,
  UserFacts,
  WaysIn,
} from '../../src/index.ts';
import {
  AUTHENTICATION_METHODS,
  createWaysIn,
  DEFAULT_METHODS,
  formatApiKey,
  generateApiKey,
  hashSecret,
  packHash,
} from '../../src/index.ts';
import { createTestClaims, DIGEST, DPOP as DPOP_TRUST, SIGNATURES } from '../support/claims.ts';
import { refusal } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { presentedWith } from '../support/presented.ts';
import { createTestTokenIssuer } from '../support/token-issuer.ts';

const ISSUER = 'https://localhost:9443';
const AUDIENCE = 'https://localhost:8443';
const LIFETIME_SECONDS = 900;
const EPOCH = 41;

const clock = createFakeClock();
const issuer = await createTestTokenIssuer();
const robot = generateApiKey();

type Users = Principals['users'];
const trust = { jwks: issuer.jwks, issuer: ISSUER, audience: AUDIENCE };
const alice = { roles: ['user'], disabled: false, tokenEpoch: EPOCH };

function principalsWith(
  users: Users = new Map([['alice', alice]]),
  expiresAt: number | null = null,
): Principals {
  const key = { name: 'robot', roles: ['user'], secretHash: packHash(hashSecret(robot.secret)), expiresAt };
  const services = new Map([['backup', { roles: ['admin'] }]]);
  const keys = new Map([[robot.id, key]]);
  const none = {
    digests: new Map(),
    sessions: new Map(),
    endedSignIns: new Map(),
    clients: new Map(),
    revocations: new Map(),
  };
  return { users, keys, services, ...none };
}

function issueToken(name = 'alice', roles = ['user']): Promise<string> {
  const now = clock.now() / 1000;
  const dates = { iat: now, exp: now + LIFETIME_SECONDS };
  const claims = { iss: ISSUER, aud: [AUDIENCE, ISSUER], sub: name, roles, amr: ['pwd'], token_epoch: EPOCH };
  return issuer.sign({ ...claims, ...dates });
}

function waysFor(principals: Principals, at: Clock): WaysIn {
  const noTrust = { issuers: new Map(), certificates: new Map() };
  const claims = createTestClaims();
  return createWaysIn({
    principals,
    trust: noTrust,
    tokens: trust,
    digest: DIGEST,
    dpop: DPOP_TRUST,
    signatures: SIGNATURES,
    claims,
    clock: at,
  });
}

/** These ways in claim nothing, so they answer at once. */
function identify(
  ways: WaysIn,
  presented: Partial<Presented>,
  accept: readonly AuthenticationMethod[] = AUTHENTICATION_METHODS,
): Principal {
  return ways.identify(presentedWith(presented), accept) as Principal;
}

const bearer = (ways: WaysIn, token: string) => identify(ways, { authorization: `Bearer ${token}` });
const byKey = (ways: WaysIn, apiKey: string) => identify(ways, { apiKey });
/** As a promise, also if the answer is synchronous. */
const ask = async (ways: WaysIn, token: string): Promise<Principal> => bearer(ways, token);

test('without a credential, names the accepted ones', () => {
  const ways = waysFor(principalsWith(), clock);
  assert.throws(
    () => identify(ways, {}, DEFAULT_METHODS),
    refusal(
      'unauthenticated',
      /^Send an access token, an API key, a session of a browser or a client certificate\.$/,
    ),
  );
  assert.throws(() => identify(ways, {}, ['apiKey']), refusal('unauthenticated', /^Send an API key\.$/));
});

test('refuses two credentials together, because the server must not guess which one counts', () => {
  const ways = waysFor(principalsWith(), clock);
  for (const [authorization, apiKey] of [
    ['Bearer a.b.c', robot.text],
    [`Bearer ${robot.text}`, robot.text],
    ['', ''],
  ] as const) {
    const both = () => identify(ways, { authorization, apiKey });
    assert.throws(both, refusal('credential_malformed', /not both/));
  }
});

test('an API key may be sent as a bearer token, as client libraries do', async () => {
  const ways = waysFor(principalsWith(), clock);
  for (const scheme of ['Bearer', 'bearer', 'BEARER ']) {
    const principal = await identify(ways, { authorization: `${scheme} ${robot.text}` });
    assert.deepEqual([principal.name, principal.via], ['robot', 'apiKey']);
  }
  const cut = () => bearer(ways, robot.text.slice(0, -1));
  assert.throws(cut, refusal('credential_malformed', /must look like ghk_/));
});

test('a route that accepts no API keys refuses one in either field', () => {
  const ways = waysFor(principalsWith(), clock);
  for (const presented of [{ apiKey: robot.text }, { authorization: `Bearer ${robot.text}` }]) {
    const use = () => identify(ways, presented, ['bearer']);
    assert.throws(use, refusal('credential_invalid', /does not accept an API key: use bearer/));
  }
});

test('refuses an Authorization that is not Bearer and one token (RFC 6750 §2.1)', () => {
  const ways = waysFor(principalsWith(), clock);
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
  for (const authorization of wrong) {
    const use = () => identify(ways, { authorization });
    assert.throws(use, refusal('credential_malformed'), JSON.stringify(authorization));
  }
});

test('an API key becomes a service with the roles of the key', async () => {
  const ways = waysFor(principalsWith(), clock);
  assert.deepEqual(byKey(ways, robot.text), {
    kind: 'service',
    name: 'robot',
    roles: ['user'],
    scopes: [],
    amr: ['swk'],
    via: 'apiKey',
    keyId: robot.id,
  });
});

test('refuses a key that was created while the clock was ahead, if it expires: it would be valid for too long', () => {
  const createdAt = clock.now() + 7_200_000;
  const waysWith = (facts: Partial<KeyFacts>) => {
    const principals = principalsWith(undefined, createdAt + 1000);
    const [[id, key] = assert.fail('no key')] = principals.keys;
    return waysFor({ ...principals, keys: new Map([[id, { ...key, ...facts }]]) }, clock);
  };
  const refused = refusal('credential_invalid', /created while the clock was ahead, .*: create a new one/);
  assert.throws(() => byKey(waysWith({ createdAt }), robot.text), refused);
  byKey(waysWith({ createdAt, expiresAt: null }), robot.text);
  byKey(waysWith({ createdAt: clock.now() + 60_000 }), robot.text);
});

test('refuses a malformed key, an unknown one, another secret and an expired one', () => {
  const ways = waysFor(principalsWith(undefined, clock.now() + 1000), clock);
  const use =
    (key: string, by = ways) =>
    () =>
      byKey(by, key);
  use(robot.text)();
  assert.throws(use('ghk_'), refusal('credential_malformed'));
  assert.throws(use(generateApiKey().text), refusal('credential_invalid', /unknown, disabled or revoked/));
  const guessed = formatApiKey({ id: robot.id, secret: generateApiKey().secret });
  assert.throws(use(guessed), refusal('credential_invalid', /unknown, disabled or revoked/));
  const late = createFakeClock(clock.now() + 1000);
  const expired = waysFor(principalsWith(undefined, late.now()), late);
  assert.throws(use(robot.text, expired), refusal('credential_invalid', /expired/));
});

test('a token becomes a user with the current roles, not the roles at the time of issue', async () => {
  const token = await issueToken('alice', ['admin', 'user']);
  const ways = waysFor(principalsWith(), clock);
  const { tokenOrigin, ...principal } = await ask(ways, token);
  assert.equal(tokenOrigin?.client, 'gatehouse');
  assert.deepEqual(principal, {
    kind: 'user',
    name: 'alice',
    roles: ['user'],
    scopes: [],
    amr: ['pwd'],
    via: 'bearer',
    tokenEpoch: EPOCH,
  });
});

test('returns the same principal object for a token, until the facts of its user are replaced', async () => {
  const token = await issueToken();
  const users = new Map<string, UserFacts>([['alice', alice]]);
  const ways = waysFor(principalsWith(users), clock);
  const first = bearer(ways, token);
  assert.equal(bearer(ways, token), first);
  users.set('alice', { ...alice, roles: ['admin'] });
  const second = bearer(ways, token);
  assert.deepEqual([first.roles, second.roles], [['user'], ['admin']]);
  assert.equal(bearer(ways, token), second);
});

test('returns the same principal object for an API key, until the facts of the key are replaced', () => {
  const principals = principalsWith();
  const keys = new Map(principals.keys);
  const ways = waysFor({ ...principals, keys }, clock);
  const first = byKey(ways, robot.text);
  assert.equal(byKey(ways, robot.text), first);
  const facts = keys.get(robot.id) as KeyFacts;
  keys.set(robot.id, { ...facts, roles: ['admin'] });
  assert.deepEqual(byKey(ways, robot.text).roles, ['admin']);
  keys.set(robot.id, { ...facts, secretHash: packHash(hashSecret(generateApiKey().secret)) });
  assert.throws(() => byKey(ways, robot.text), refusal('credential_invalid', /unknown/));
  keys.delete(robot.id);
  assert.throws(() => byKey(ways, robot.text), refusal('credential_invalid', /revoked/));
});

test('refuses a wrong secret after the right one was accepted', () => {
  const ways = waysFor(principalsWith(), clock);
  byKey(ways, robot.text);
  const guess = formatApiKey({ id: robot.id, secret: generateApiKey().secret });
  assert.throws(() => byKey(ways, guess), refusal('credential_invalid', /unknown/));
  assert.throws(() => byKey(ways, `${robot.text}0`), refusal('credential_malformed'));
});

test('checks the expiry of an API key on every use', () => {
  const moving = createFakeClock(clock.now());
  const ways = waysFor(principalsWith(undefined, clock.now() + 1000), moving);
  byKey(ways, robot.text);
  moving.advance(1);
  assert.throws(() => byKey(ways, robot.text), refusal('credential_invalid', /expired/));
});

test('refuses characters that no token has (RFC 6750 §2.1)', () => {
  const ways = waysFor(principalsWith(), clock);
  for (const token of ['a b', 'a,b', 'é', '"a"']) {
    assert.throws(() => bearer(ways, token), refusal('credential_malformed', /must be "Bearer"/), token);
  }
});

test('checks exp again on every hit of the cache', async () => {
  const moving = createFakeClock(clock.now());
  const token = await issueToken();
  const ways = waysFor(principalsWith(), moving);
  await ask(ways, token);
  moving.advance(LIFETIME_SECONDS - 1);
  await ask(ways, token);
  moving.advance(1);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await assert.rejects(ask(ways, token), refusal('token_expired'));
  }
});

test('checks iat again on every hit of the cache: the clock may have been set back', async () => {
  const moving = createFakeClock(clock.now());
  const token = await issueToken();
  const ways = waysFor(principalsWith(), moving);
  await ask(ways, token);
  moving.advance(-7200);
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await assert.rejects(ask(ways, token), refusal('credential_invalid', /clock was ahead/));
  }
});

const voided: Record<string, Users> = {
  'a user who was removed': new Map(),
  'a user who was disabled': new Map([['alice', { ...alice, disabled: true }]]),
  'a user whose password changed': new Map([['alice', { ...alice, tokenEpoch: EPOCH + 1 }]]),
};

for (const [what, users] of Object.entries(voided)) {
  test(`refuses the token of ${what}, also if it was verified before`, async () => {
    const token = await issueToken();
    await assert.rejects(
      ask(waysFor(principalsWith(users), clock), token),
      refusal('credential_invalid', /revoked/),
    );
    const live = new Map<string, UserFacts>([['alice', alice]]);
    const ways = waysFor(principalsWith(live), clock);
    await ask(ways, token);
    live.clear();
    for (const [name, user] of users) live.set(name, user);
    await assert.rejects(ask(ways, token), refusal('credential_invalid', /revoked/));
  });
}

test('a subject that is a name of Object.prototype belongs to no user', async () => {
  const ways = waysFor(principalsWith(), clock);
  for (const name of ['constructor', '__proto__', 'toString']) {
    await assert.rejects(ask(ways, await issueToken(name)), refusal('credential_invalid'));
  }
});

test('refuses a token that is too long without parsing it', async () => {
  const ways = waysFor(principalsWith(), clock);
  await assert.rejects(ask(ways, 'a'.repeat(8193)), refusal('credential_malformed', /too long/));
});

test('does not cache a refused token', async () => {
  const ways = waysFor(principalsWith(), clock);
  const token = `${await issueToken()}x`;
  for (let attempt = 0; attempt < 2; attempt += 1) {
    await assert.rejects(ask(ways, token), refusal('credential_invalid'));
  }
});

test('caches at most 8,192 tokens, and removes the oldest first', async () => {
  const LIMIT = 8192;
  const ways = waysFor(principalsWith(), clock);
  const [oldest, second] = [await issueToken(), await issueToken()];
  const principals = new Map([oldest, second].map((token) => [token, bearer(ways, token)]));
  const isKnown = (token: string) => bearer(ways, token) === principals.get(token);
  const BATCH = 1024;
  for (let count = 2; count < LIMIT; count += BATCH) {
    const more = await Promise.all(
      Array.from({ length: Math.min(BATCH, LIMIT - count) }, () => issueToken()),
    );
    await Promise.all(more.map((token) => ask(ways, token)));
  }
  assert.deepEqual([isKnown(oldest), isKnown(second)], [true, true]);
  await ask(ways, await issueToken());
  assert.deepEqual([isKnown(second), isKnown(oldest)], [true, false]);
});

test('a running request continues with the current roles, until its credential is revoked', async () => {
  const before = waysFor(principalsWith(), clock);
  const user = await ask(before, await issueToken());
  const service = await byKey(before, robot.text);
  const promoted = new Map([['alice', { ...alice, roles: ['admin'] }]]);
  const after = waysFor(principalsWith(promoted, clock.now()), clock);
  assert.equal(before.current(user, { certificate: undefined }), user, 'the same object without a change');
  assert.equal(before.current(service, { certificate: undefined }), service);
  assert.deepEqual(after.current(user, { certificate: undefined }).roles, ['admin']);
  assert.deepEqual(
    after.current(service, { certificate: undefined }),
    service,
    'it has expired, and was valid when it was used',
  );
  for (const users of [
    new Map(),
    new Map([['alice', { ...alice, disabled: true }]]),
    new Map([['alice', { ...alice, tokenEpoch: EPOCH + 1 }]]),
  ]) {
    const revoked = waysFor({ ...principalsWith(users), keys: new Map() }, clock);
    assert.throws(
      () => revoked.current(user, { certificate: undefined }),
      refusal('credential_invalid', /revoked/),
    );
    assert.throws(
      () => revoked.current(service, { certificate: undefined }),
      refusal('credential_invalid', /revoked/),
    );
  }
});

const DPOP = 'DPoP algs="ES256 EdDSA RS256 PS256"';

test('the challenge names the accepted ways; for a certificate only a draft has a scheme (RFC 9110 §11.6.1)', () => {
  const { challenge } = waysFor(principalsWith(), clock);
  assert.equal(challenge('unauthenticated', ['apiKey']), 'ApiKey realm="gatehouse"');
  assert.equal(challenge('unauthenticated', ['bearer', 'mtls']), `Bearer realm="gatehouse", ${DPOP}`);
  assert.equal(challenge('unauthenticated', ['mtls']), 'ClientCertificate realm="gatehouse"');
  assert.equal(
    challenge('client_certificate_invalid', ['bearer', 'mtls']),
    challenge('unauthenticated', ['bearer']),
  );
});

test('the challenge names both ways in header fields, and an error only for a refused credential (RFC 6750 §3)', () => {
  const { challenge } = waysFor(principalsWith(), clock);
  assert.equal(challenge('unauthenticated'), `Bearer realm="gatehouse", ${DPOP}, ApiKey realm="gatehouse"`);
  assert.equal(
    challenge('token_expired'),
    `Bearer realm="gatehouse", error="invalid_token", ${DPOP}, error="invalid_token", ApiKey realm="gatehouse"`,
  );
  assert.equal(challenge('credential_invalid'), challenge('token_expired'));
});

test('a key with networks is accepted only from their addresses', () => {
  const principals = principalsWith();
  const facts = principals.keys.get(robot.id) as KeyFacts;
  const addresses = ['10.0.0.0/8', '192.0.2.7', '2001:db8::/32'];
  const keys = new Map([[robot.id, { ...facts, addresses }]]);
  const ways = waysFor({ ...principals, keys }, clock);
  const from = (address: string) => identify(ways, { apiKey: robot.text, address });
  for (const address of ['10.255.0.1', '192.0.2.7', '::ffff:10.0.0.1', '2001:db8:1::1']) {
    assert.equal(from(address).name, 'robot');
  }
  for (const address of ['11.0.0.1', '192.0.2.8', '::ffff:11.0.0.1', '2001:db9::1', 'socket', '']) {
    assert.throws(() => from(address), refusal('credential_invalid', /not accepted from this address/));
  }
});

test('a key has its scopes', () => {
  const principals = principalsWith();
  const facts = principals.keys.get(robot.id) as KeyFacts;
  const keys = new Map([[robot.id, { ...facts, scopes: ['notes:read'] }]]);
  assert.deepEqual(byKey(waysFor({ ...principals, keys }, clock), robot.text).scopes, ['notes:read']);
});

test('a principal has the current groups and attributes of its owner', async () => {
  const users = new Map([['alice', { ...alice, groups: ['editors'], attributes: { level: 3 } }]]);
  const principals = {
    ...principalsWith(users),
    services: new Map([['robot', { roles: ['user'], attributes: { tier: 'gold' } }]]),
  };
  const ways = waysFor(principals, clock);
  const token = await issueToken();
  const { groups, attributes } = bearer(ways, token);
  assert.deepEqual([groups, attributes], [['editors'], { level: 3 }]);
  assert.deepEqual(byKey(ways, robot.text).attributes, { tier: 'gold' });
  users.set('alice', alice as never);
  const later = bearer(ways, token);
  assert.deepEqual([later.groups, later.attributes], [undefined, undefined]);
});

test("a token has the time and the id of the person's sign-in (RFC 9470 §6.1)", async () => {
  const now = clock.now() / 1000;
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'alice', iat: now, exp: now + 900, token_epoch: EPOCH };
  const token = await issuer.sign({ ...claims, auth_time: now - 60, sid: 's1', amr: ['pwd'] });
  const { authTime, sessionId } = bearer(waysFor(principalsWith(), clock), token);
  assert.deepEqual([authTime, sessionId], [now - 60, 's1']);
});

test('a token is void as soon as its sign-in has ended, also for a request in progress', async () => {
  const endedSignIns = new Map<string, { endsAt: number }>();
  const ways = waysFor({ ...principalsWith(), endedSignIns }, clock);
  const now = clock.now() / 1000;
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: 'alice', iat: now, exp: now + 900, token_epoch: EPOCH };
  const token = await issuer.sign({ ...claims, sid: 's1', amr: ['pwd'] });
  const principal = bearer(ways, token);
  endedSignIns.set('s1', { endsAt: clock.now() + 900_000 });
  assert.throws(() => bearer(ways, token), refusal('credential_invalid', /revoked/));
  assert.throws(() => ways.current(principal, { certificate: undefined }), refusal('credential_invalid'));
  assert.equal(bearer(ways, await issueToken()).name, 'alice');
});

test('the keys of a disabled service are refused, also for a request in progress', () => {
  const services = new Map([['robot', { roles: ['user'], disabled: false }]]);
  const ways = waysFor({ ...principalsWith(), services }, clock);
  const principal = byKey(ways, robot.text);
  services.set('robot', { roles: ['user'], disabled: true });
  assert.throws(() => byKey(ways, robot.text), refusal('credential_invalid', /"robot" is disabled/));
  assert.throws(() => ways.current(principal, { certificate: undefined }), refusal('credential_invalid'));
  services.set('robot', { roles: ['user'], disabled: false });
  assert.equal(byKey(ways, robot.text).name, 'robot');
});
