// Sessions: their begin, their end, and their stored data.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { GatewayRoute, UserFacts } from '@gatehouse/access';
import type { GatewayCode } from '../../../src/identity/sessions/gateway-sign-in.ts';
import { createGatewaySignIn } from '../../../src/identity/sessions/gateway-sign-in.ts';
import { createLastSeen } from '../../../src/identity/sessions/last-seen.ts';
import { createSessionSections, sweepSessions } from '../../../src/identity/sessions/session-sections.ts';
import type { Begun } from '../../../src/identity/sessions/sessions.ts';
import { createSessions, endWithUser } from '../../../src/identity/sessions/sessions.ts';
import { createSessionQueries } from '../../../src/identity/store/session-queries.ts';
import type { Actor } from '../../../src/platform/feed/events.ts';
import { createOwnSection } from '../../../src/platform/feed/section.ts';
import { createSealing } from '../../../src/platform/keys/row-sealing.ts';
import { createShortLivedStore } from '../../../src/platform/short-lived/short-lived-store.ts';
import { refusal } from '../../support/errors.ts';
import { createStore } from '../../support/store.ts';

const operator: Actor = { kind: 'operator', name: 'local', address: 'socket' };
const LIFETIME = 24 * 3600;
const IDLE = 3600;
const HOST = 'gw.example';
const STATE = 's'.repeat(43);

const call = (cookie?: string) => ({
  header: (name: string) => (name === 'cookie' ? cookie : name === 'user-agent' ? 'Firefox' : undefined),
  address: '192.0.2.7',
  requestId: 'r1',
});

const sentBack = ({ cookie }: Begun) => cookie.split(';')[0] ?? '';

async function setUp(t: TestContext) {
  const foundation = await createStore(t);
  const { database, events, clock, feed } = foundation;
  const store = createSessionQueries();
  const alice: UserFacts = { roles: ['user'], disabled: false, tokenEpoch: 1 };
  const userFacts = new Map([
    ['alice', alice],
    ['bob', alice],
  ]);
  const sections = createSessionSections(database, store);
  await feed.project(sections.control);
  await feed.addSection(sections.gateway);
  const lastSeen = createLastSeen(IDLE, clock);
  const known: string[] = [];
  const sessions = createSessions({
    ...foundation,
    store,
    userFacts,
    lastSeen,
    sealing: createSealing(new Uint8Array(32)),
    entries: sections.control.entries,
    authentication: { complete: async (_tx, user) => void known.push(user) },
    settings: { sessionLifetime: LIFETIME },
  });
  endWithUser(events, store);
  const route = { host: undefined, accept: ['session'] } as unknown as GatewayRoute;
  const gateway = createGatewaySignIn({
    ...foundation,
    sessions,
    store,
    codes: createShortLivedStore<GatewayCode>(clock, { perOwner: 8 }),
    sections: () => [createOwnSection('routes', [['1', route]])],
    gatewayUrl: `https://${HOST}`,
  });
  const sweep = sweepSessions({ database, store, events, lastSeen, now: clock.now });
  const begin = (before?: Begun, user = 'alice') =>
    sessions.begin({ user, tokenEpoch: 1, amr: ['pwd'] }, call(before && sentBack(before)));
  const found = (begun: Begun) => sessions.of(call(sentBack(begun)));
  return { ...foundation, store, userFacts, alice, sections, sessions, gateway, sweep, begin, found, known };
}

test('a session begins with a random secret in a cookie for this host only, and stores only a hash', async (t) => {
  const { begin, found, database, known } = await setUp(t);
  const begun = await begin();
  assert.match(begun.cookie, /^__Host-gatehouse-session=[\w-]{43}; Path=\/; Secure; HttpOnly; SameSite=Lax$/);
  assert.equal(found(begun)?.user, 'alice');
  const secret = /=([\w-]{43})/.exec(begun.cookie)?.[1] ?? '';
  const rows = await database.read
    .withTables<{ sessions: object }>()
    .selectFrom('sessions')
    .selectAll()
    .execute();
  assert.ok(!JSON.stringify(rows).includes(secret));
  assert.deepEqual(known, ['alice']);
});

test('a session has the ID token that it came from, sealed, for the sign-out at the provider', async (t) => {
  const { sessions, store, database } = await setUp(t);
  const through = { provider: 'work', subject: 's', sid: null, idToken: 'e30.e30.signature' };
  const proof = { user: 'alice', tokenEpoch: 1, amr: ['fed'], through };
  const { session } = await sessions.begin(proof, call());
  assert.deepEqual(session.through, { provider: 'work', subject: 's', sid: null });
  assert.equal(await sessions.idTokenOf(session.id), 'e30.e30.signature');
  const sealed = (await store.idToken(database.read, session.id)) ?? new Uint8Array();
  assert.ok(!Buffer.from(sealed).includes('e30'));
  const other = await sessions.begin({ user: 'alice', tokenEpoch: 1, amr: ['pwd'] }, call());
  await database.write((tx) => store.putIdToken(tx, other.session.id, sealed));
  assert.equal(await sessions.idTokenOf(other.session.id), undefined, 'it is sealed for its own session');
});

test('a session is still valid after a restart', async (t) => {
  const { begin, database, store, feed } = await setUp(t);
  const { session } = await begin();
  const again = createSessionSections(database, store);
  await feed.project(again.control);
  assert.deepEqual(again.control.entries.get(session.id), session);
});

test('every sign-in has a new secret, and ends the previous session (session fixation)', async (t) => {
  const { begin, found } = await setUp(t);
  const planted = await begin(undefined, 'bob');
  const begun = await begin(planted);
  assert.notEqual(sentBack(begun), sentBack(planted));
  assert.equal(found(planted), undefined);
  assert.equal(found(begun)?.user, 'alice');
});

test('a secret that the server did not make is never adopted', async (t) => {
  const { sessions, begin } = await setUp(t);
  const planted = `__Host-gatehouse-session=${'x'.repeat(43)}`;
  const begun = await sessions.begin({ user: 'alice', tokenEpoch: 1, amr: ['pwd'] }, call(planted));
  assert.notEqual(sentBack(begun), planted);
  assert.equal(sessions.of(call(planted)), undefined);
  await begin();
});

test('a session ends after its lifetime, even if it is used', async (t) => {
  const { begin, found, clock } = await setUp(t);
  const begun = await begin();
  for (let passed = 0; passed < LIFETIME; passed += 1800) {
    assert.ok(found(begun), `after ${passed} s`);
    clock.advance(1800);
  }
  assert.equal(found(begun), undefined);
});

test('an unused session ends, and use is written once a minute, not with each request', async (t) => {
  const { begin, found, clock, sweep, store, database, published } = await setUp(t);
  const [idle, used] = [await begin(), await begin()];
  clock.advance(IDLE - 60);
  for (let times = 0; times < 5; times += 1) found(used);
  const row = () => store.session(database.read, used.session.id);
  assert.equal((await row())?.lastSeenAt, used.session.createdAt);
  await sweep.run();
  assert.equal((await row())?.lastSeenAt, clock.now());
  clock.advance(61);
  assert.equal(found(idle), undefined);
  assert.ok(found(used));
  await sweep.run();
  assert.equal(await store.session(database.read, idle.session.id), undefined);
  const { type, subject, data } = published.at(-1) ?? {};
  assert.deepEqual([type, subject], ['identity.session_ended', 'alice']);
  assert.deepEqual(data, { ids: [idle.session.id], reason: 'over' });
});

test('a session ends with its user, and with the password', async (t) => {
  const { begin, found, userFacts, alice, events, database, store } = await setUp(t);
  for (const type of ['user_removed', 'user_disabled', 'password_changed'] as const) {
    const begun = await begin();
    const event = { actor: operator, outcome: 'success', subject: 'alice', data: {} } as const;
    await database.write((tx) => events.publish(tx, { type: `identity.${type}`, ...event }));
    assert.equal(found(begun), undefined, type);
    assert.deepEqual(await store.sessions(database.read, 'alice'), [], type);
  }
  const begun = await begin();
  userFacts.set('alice', { ...alice, tokenEpoch: 2 });
  assert.equal(found(begun), undefined);
});

test('a session can be ended by its id (users: only their own), and the ledger has it', async (t) => {
  const { begin, found, sessions, published } = await setUp(t);
  const begun = await begin();
  const { id } = begun.session;
  await assert.rejects(sessions.end(id, operator, 'bob'), refusal('not_found'));
  await sessions.end(id, operator, 'alice');
  assert.equal(found(begun), undefined);
  await assert.rejects(sessions.end(id, operator), refusal('not_found'));
  assert.deepEqual(
    published.map(({ type }) => type),
    ['identity.session_begun', 'identity.sign_in', 'identity.session_ended'],
  );
});

test('all other sessions of a user end at once', async (t) => {
  const { begin, found, sessions } = await setUp(t);
  const [one, other, ofBob] = [await begin(), await begin(), await begin(undefined, 'bob')];
  assert.equal(await sessions.endAllOf('alice', operator, one.session.id), 1);
  assert.ok(found(one) && found(ofBob));
  assert.equal(found(other), undefined);
});

test('a user has at most a hundred sessions: a new one ends the oldest', async (t) => {
  const { begin, found, clock, sessions } = await setUp(t);
  const next = () => {
    clock.advance(1);
    return begin();
  };
  const [first, second] = [await next(), await next()];
  for (let count = 2; count <= 100; count += 1) await next();
  assert.equal(found(first), undefined);
  assert.ok(found(second));
  assert.equal((await sessions.listOf('alice')).length, 100);
});

async function atGateway(given: Awaited<ReturnType<typeof setUp>>, parent: Begun) {
  const { gateway } = given;
  const url = new URL(await gateway.begin({ host: HOST, state: STATE, path: '/notes' }, parent.session));
  const { createHash } = await import('node:crypto');
  const code = createHash('sha256')
    .update(url.searchParams.get('code') ?? '')
    .digest('base64url');
  const fact = { type: 'signedIn', code, state: STATE, host: HOST, id: 'i'.repeat(32) } as const;
  return { url, signedIn: { ...fact, address: '192.0.2.9', requestId: 'r2' } };
}

test('a code for the gateway gives one session there, and works once', async (t) => {
  const given = await setUp(t);
  const parent = await given.begin();
  const { url, signedIn } = await atGateway(given, parent);
  assert.deepEqual(
    [url.host, url.pathname, url.searchParams.get('path')],
    [HOST, '/.gatehouse/callback', '/notes'],
  );
  await given.gateway.finish(signedIn);
  const { amr, authTime, expiresAt } = parent.session;
  const facts = { name: 'alice', host: HOST, amr, authTime, tokenEpoch: 1, expiresAt };
  assert.deepEqual([...given.sections.gateway.entries], [['i'.repeat(32), facts]]);
  await assert.rejects(given.gateway.finish(signedIn), refusal('sign_in_incomplete'));
});

test('a code is bound to the host and to the state of the browser, and is void after a wrong state', async (t) => {
  for (const wrong of [{ host: 'other.example' }, { state: 't'.repeat(43) }, { code: 'c'.repeat(43) }]) {
    const given = await setUp(t);
    const { signedIn } = await atGateway(given, await given.begin());
    await assert.rejects(given.gateway.finish({ ...signedIn, ...wrong }), refusal('sign_in_incomplete'));
    if (!('code' in wrong))
      await assert.rejects(given.gateway.finish(signedIn), refusal('sign_in_incomplete'));
    assert.equal(given.sections.gateway.entries.size, 0);
  }
});

test('a code ends after a minute, and with the session that it was made for', async (t) => {
  const given = await setUp(t);
  const parent = await given.begin();
  const late = await atGateway(given, parent);
  given.clock.advance(61);
  await assert.rejects(given.gateway.finish(late.signedIn), refusal('sign_in_incomplete'));
  const ended = await atGateway(given, parent);
  await given.sessions.end(parent.session.id, operator);
  await assert.rejects(given.gateway.finish(ended.signedIn), refusal('sign_in_incomplete'));
});

test('a session at the gateway ends with the one that it came from, and continues when the person signs in again', async (t) => {
  const given = await setUp(t);
  const parent = await given.begin();
  await given.gateway.finish((await atGateway(given, parent)).signedIn);
  const stronger = await given.begin(parent);
  assert.equal(given.sections.gateway.entries.size, 1);
  await given.sessions.end(stronger.session.id, operator);
  assert.equal(given.sections.gateway.entries.size, 0);
});

test('only hosts of the gateway can have sessions', async (t) => {
  const { gateway } = await setUp(t);
  assert.equal(gateway.isOwnHost(HOST), true);
  assert.equal(gateway.isOwnHost('evil.example'), false);
});

test('sessions through a provider end by subject, by session there, or by both', async (t) => {
  const { sessions, database } = await setUp(t);
  const through = (subject: string, sid: string | null) =>
    sessions.begin(
      { user: 'alice', tokenEpoch: 1, amr: ['fed'], through: { provider: 'sso', subject, sid } },
      call(),
    );
  const byPassword = await sessions.begin({ user: 'alice', tokenEpoch: 1, amr: ['pwd'] }, call());
  const all = [
    await through('s', '1'),
    await through('s', '2'),
    await through('s', null),
    await through('t', '1'),
  ];
  const left = () => all.map(({ session }) => sessions.find(session.id) !== undefined);
  const end = (from: object, except?: string) =>
    database.write((tx) =>
      sessions.endThrough(tx, { provider: 'sso', ...from }, { actor: operator, except }),
    );
  assert.equal(await end({ provider: 'other', subject: 's' }), 0);
  assert.equal(await end({ subject: 's', sid: '1' }), 2, 'also one whose session there is not known');
  assert.deepEqual(left(), [false, true, false, true]);
  assert.equal(await end({ sid: '1' }), 1);
  assert.equal(await end({ subject: 's' }, all[1]?.session.id), 0);
  assert.equal(await end({ subject: 's' }), 1);
  assert.ok(sessions.find(byPassword.session.id));
});

test('a session through a provider has the age of the sign-in there, and its sign-in is in the ledger', async (t) => {
  const { sessions, clock, published, known } = await setUp(t);
  const authTime = clock.now() - 3600_000;
  const proof = { user: 'alice', tokenEpoch: 1, amr: ['fed'], authTime };
  const through = { provider: 'sso', subject: 's', sid: null };
  const { session } = await sessions.begin({ ...proof, through }, call());
  assert.deepEqual([session.authTime, session.through], [authTime, through]);
  const { data } = published.find(({ type }) => type === 'identity.sign_in') ?? {};
  assert.deepEqual([data?.provider, data?.sub], ['sso', 's']);
  await sessions.begin({ ...proof, through, isOld: true }, call());
  assert.equal(known.length, 1, 'a proof that was given before is no new sign-in');
});

test('a session at the gateway does not begin while the one that it comes from ends', async (t) => {
  const given = await setUp(t);
  const parent = await given.begin();
  const { signedIn } = await atGateway(given, parent);
  const ended = given.sessions.end(parent.session.id, operator);
  await assert.rejects(given.gateway.finish(signedIn), refusal('sign_in_incomplete'));
  await ended;
  assert.deepEqual(await given.sessions.list(), []);
});

test('an act of a person whose session has ended meanwhile does not go on', async (t) => {
  const { begin, sessions, database } = await setUp(t);
  const { session } = await begin();
  await database.write((tx) => sessions.requireOpen(tx, session));
  await sessions.end(session.id, operator);
  const late = database.write((tx) => sessions.requireOpen(tx, session));
  await assert.rejects(late, refusal('unauthenticated', /sign in again/));
});
