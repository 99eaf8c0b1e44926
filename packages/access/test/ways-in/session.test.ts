// Sessions of browsers: their cookie, when they are void, and which requests may use them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../src/principals/principal.ts';
import type { SessionFacts, UserFacts } from '../../src/principals/principals.ts';
import { sessionIdOf, sessionWay } from '../../src/ways-in/session.ts';
import type { BrowserRequest } from '../../src/ways-in/way-in.ts';
import { refusal } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { presentedWith } from '../support/presented.ts';

const SECRET = 'k3eZmtgPqWY2n0wC3s6l2bQb0xW3uTqXqjv6mF5m8gE';
const HOST = 'gw.example:8443';

function setUp() {
  const clock = createFakeClock();
  const alice: UserFacts = { roles: ['user'], disabled: false, tokenEpoch: 1 };
  const users = new Map([['alice', alice]]);
  const id = sessionIdOf(SECRET);
  const facts: SessionFacts = {
    name: 'alice',
    host: HOST,
    amr: ['pwd', 'otp', 'mfa'],
    authTime: clock.now() - 5500,
    tokenEpoch: 1,
    expiresAt: clock.now() + 60_000,
  };
  const sessions = new Map([[id, facts]]);
  const way = sessionWay({ users, sessions }, clock);
  const find = (request: Partial<BrowserRequest> = {}) =>
    way.find(
      presentedWith({
        browser: {
          cookies: `theme=dark; __Host-gatehouse=${SECRET}`,
          method: 'GET',
          isWebSocket: false,
          host: HOST,
          site: undefined,
          origin: undefined,
          trustedOrigins: [],
          ...request,
        },
      }),
    );
  const use = (request: Partial<BrowserRequest> = {}): Principal => {
    const found = find(request);
    assert.ok(found, 'the session was not found');
    return way.authenticate(found, presentedWith({})) as Principal;
  };
  return { clock, users, alice, sessions, facts, id, way, find, use };
}

test('a session identifies its user, with the methods and the time of the sign-in', () => {
  const { use, id, clock } = setUp();
  assert.deepEqual(use(), {
    kind: 'user',
    name: 'alice',
    roles: ['user'],
    scopes: [],
    amr: ['pwd', 'otp', 'mfa'],
    authTime: Math.floor((clock.now() - 5500) / 1000),
    via: 'session',
    sessionId: id,
    tokenEpoch: 1,
  });
});

test('the caller of a session has the current groups and attributes of its user', () => {
  const { use, users, alice } = setUp();
  users.set('alice', { ...alice, groups: ['staff'], attributes: { department: 'sales' } });
  const { groups, attributes } = use();
  assert.deepEqual([groups, attributes], [['staff'], { department: 'sales' }]);
});

test('the caller is the same object, until something about them changes', () => {
  const { use, users, alice } = setUp();
  const before = use();
  assert.equal(use({ cookies: `__Host-gatehouse=${SECRET}` }), before);
  users.set('alice', { ...alice, roles: ['admin'] });
  assert.deepEqual(use().roles, ['admin']);
});

test('a cookie without a session is ignored, because it stays in a browser long after its session', () => {
  const { find, sessions, id } = setUp();
  assert.equal(find({ cookies: '__Host-gatehouse=other' }), undefined);
  assert.equal(find({ cookies: `__Host-gatehouse-session=${SECRET}` }), undefined);
  assert.equal(find({ cookies: `__Host-gatehouse=${SECRET}; __Host-gatehouse=${SECRET}` }), undefined);
  assert.equal(find({ cookies: `__Host-gatehouse=${id}` }), undefined, 'the id signs in');
  sessions.delete(id);
  assert.equal(find(), undefined);
});

test('a session is void after its end, and if its user is removed, disabled or has a new password', () => {
  const changes: ((given: ReturnType<typeof setUp>) => void)[] = [
    ({ clock }) => clock.advance(60_000),
    ({ users }) => users.delete('alice'),
    ({ users, alice }) => users.set('alice', { ...alice, disabled: true }),
    ({ users, alice }) => users.set('alice', { ...alice, tokenEpoch: 2 }),
  ];
  for (const change of changes) {
    const given = setUp();
    const principal = given.use();
    change(given);
    assert.equal(given.find(), undefined);
    // A session that has only expired does not end running requests.
    if (change !== changes[0]) {
      assert.throws(
        () => given.way.current(principal, { certificate: undefined }),
        refusal('credential_invalid'),
      );
    }
  }
});

test('a session of another host is ignored', () => {
  assert.equal(setUp().find({ host: 'other.example:8443' }), undefined);
});

const OWN = `https://${HOST}`;
const FOREIGN = 'https://evil.example';

test('a page of another site cannot use the session (cross-site request forgery)', () => {
  const { use } = setUp();
  const forged: Partial<BrowserRequest>[] = [
    { method: 'POST', origin: FOREIGN },
    { method: 'POST', origin: 'null' },
    { method: 'POST', origin: FOREIGN, site: 'same-origin' },
    { method: 'DELETE', site: 'cross-site' },
    { method: 'PUT', site: 'same-site' },
    { method: 'POST', origin: `http://${HOST}` },
    { method: 'GET', isWebSocket: true, origin: FOREIGN },
    { method: 'PROPPATCH', origin: FOREIGN },
  ];
  for (const request of forged)
    assert.throws(() => use(request), refusal('cross_site_request'), JSON.stringify(request));
});

test('a page of this origin can use it, and a page of an origin that the route names', () => {
  const { use } = setUp();
  const honest: Partial<BrowserRequest>[] = [
    { method: 'POST', origin: OWN, site: 'same-origin' },
    { method: 'POST', site: 'same-origin' },
    { method: 'POST', origin: 'https://app.example', trustedOrigins: ['https://app.example'] },
    { method: 'GET', isWebSocket: true, origin: OWN },
    { method: 'GET', site: 'cross-site' },
    { method: 'HEAD', origin: FOREIGN },
  ];
  for (const request of honest) assert.equal(use(request).name, 'alice', JSON.stringify(request));
});

test('a program without Origin and Sec-Fetch-Site can use the cookie of its session', () => {
  const { use } = setUp();
  assert.equal(use({ method: 'POST' }).name, 'alice');
  assert.equal(use({ method: 'GET', isWebSocket: true }).name, 'alice');
});
