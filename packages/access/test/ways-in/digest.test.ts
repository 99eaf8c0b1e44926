// Digest (RFC 7616) with memory and a clock: the accepted callers, and each count of a nonce only once.
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { digestSecret } from '../../src/credentials/digest-credentials.ts';
import { GatehouseError } from '../../src/errors/errors.ts';
import type { DigestAlgorithm, DigestFacts, UserFacts } from '../../src/principals/principals.ts';
import type { DigestTrust } from '../../src/ways-in/digest.ts';
import { digestWay } from '../../src/ways-in/digest.ts';
import { createTestClaims, DIGEST } from '../support/claims.ts';
import { refusal } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { presentedWith } from '../support/presented.ts';

const PASSWORD = 'machine-made';
const ALICE: UserFacts = { roles: ['user'], disabled: false, tokenEpoch: 1 };
const HASHES = { 'SHA-256': 'sha256', 'SHA-512-256': 'sha512-256', MD5: 'md5' } as const;

function factsOf(password: string): DigestFacts {
  const secret = (algorithm: DigestAlgorithm) => digestSecret(algorithm, 'alice', password);
  return { 'SHA-256': secret('SHA-256'), 'SHA-512-256': secret('SHA-512-256'), MD5: secret('MD5') };
}

interface Answer {
  nonce: string;
  count?: number;
  username?: string;
  password?: string;
  algorithm?: DigestAlgorithm;
  realm?: string;
  uri?: string;
  method?: string;
}

/** The field of a client (RFC 7616 §3.4). */
function authorizationOf(answer: Answer): string {
  const { nonce, count = 1, username = 'alice', password = PASSWORD, algorithm = 'SHA-256' } = answer;
  const { realm = 'gatehouse', uri = '/notes', method = 'GET' } = answer;
  const h = (text: string) => hash(HASHES[algorithm], text, 'hex');
  const nc = count.toString(16).padStart(8, '0');
  const response = h(
    `${h(`${username}:${realm}:${password}`)}:${nonce}:${nc}:c:auth:${h(`${method}:${uri}`)}`,
  );
  const quoted = { username, realm, nonce, uri, cnonce: 'c', response };
  const params = Object.entries(quoted).map(([name, value]) => `${name}="${value}"`);
  return `Digest ${[...params, `algorithm=${algorithm}`, 'qop=auth', `nc=${nc}`].join(', ')}`;
}

function setUp(trust: DigestTrust = DIGEST) {
  const clock = createFakeClock();
  const claims = createTestClaims();
  const users = new Map([['alice', ALICE]]);
  const digests = new Map([['alice', factsOf(PASSWORD)]]);
  /** A process. All processes have the same key and the same control plane. */
  const start = () => {
    const way = digestWay({ principals: { users, digests }, trust, claims, clock });
    const use = async (answer: Answer) => {
      const presented = presentedWith({ authorization: authorizationOf(answer) });
      return way.authenticate(way.find(presented) ?? '', presented);
    };
    const isImmediate = (answer: Answer) => {
      const presented = presentedWith({ authorization: authorizationOf(answer) });
      return !(way.authenticate(way.find(presented) ?? '', presented) instanceof Promise);
    };
    const nonce = () => /nonce="([^"]+)"/.exec(way.challenge('unauthenticated') ?? '')?.[1] ?? '';
    return { way, use, isImmediate, nonce };
  };
  return { clock, claims, users, digests, start, ...start() };
}

test('the caller has the current groups and attributes of its user', async () => {
  const { use, nonce, users, way } = setUp();
  users.set('alice', { ...ALICE, groups: ['staff'], attributes: { department: 'sales' } });
  const before = await use({ nonce: nonce() });
  assert.deepEqual([before.groups, before.attributes], [['staff'], { department: 'sales' }]);
  users.set('alice', { ...ALICE, groups: ['editors'] });
  const { groups, attributes } = way.current(before, { certificate: undefined });
  assert.deepEqual([groups, attributes], [['editors'], undefined]);
});

test('accepts the generated password of a user, with either algorithm', async () => {
  const { use, nonce } = setUp();
  for (const algorithm of ['SHA-256', 'SHA-512-256'] as const) {
    assert.deepEqual(await use({ nonce: nonce(), algorithm }), {
      kind: 'user',
      name: 'alice',
      roles: ['user'],
      scopes: [],
      amr: ['pwd'],
      via: 'digest',
    });
  }
});

test('refuses a wrong password, and a user who has none, is unknown or disabled, with the same error', async () => {
  const { use, nonce, users, digests } = setUp();
  const wrong = refusal('credential_invalid', /^The user name or the digest password is wrong\.$/);
  await assert.rejects(use({ nonce: nonce(), password: 'guess' }), wrong);
  await assert.rejects(use({ nonce: nonce(), username: 'bob' }), wrong);
  await assert.rejects(use({ nonce: nonce(), username: 'constructor' }), wrong);
  users.set('alice', { ...ALICE, disabled: true });
  await assert.rejects(use({ nonce: nonce() }), wrong);
  users.set('alice', ALICE);
  digests.delete('alice');
  await assert.rejects(use({ nonce: nonce() }), wrong);
});

test('refuses another realm, uri and method, and MD5 unless it is enabled', async () => {
  const { use, nonce } = setUp();
  await assert.rejects(use({ nonce: nonce(), realm: 'x' }), refusal('credential_malformed', /another realm/));
  await assert.rejects(use({ nonce: nonce(), uri: '/x' }), refusal('credential_malformed', /another uri/));
  await assert.rejects(use({ nonce: nonce(), method: 'POST' }), refusal('credential_invalid'));
  await assert.rejects(use({ nonce: nonce(), algorithm: 'MD5' }), refusal('credential_malformed', /MD5/));
  const old = setUp({ ...DIGEST, md5: true });
  assert.equal((await old.use({ nonce: old.nonce(), algorithm: 'MD5' })).name, 'alice');
});

test('claims a nonce at its first use, and then counts its uses alone', async () => {
  const { use, isImmediate, nonce, claims, clock } = setUp();
  const first = nonce();
  await use({ nonce: first, count: 1 });
  assert.deepEqual(claims.claimed, [
    { key: `digest:${first}`, party: 'alice', expiresAt: clock.now() + 300_000, run: DIGEST.run },
  ]);
  assert.equal(isImmediate({ nonce: first, count: 2 }), true);
  await use({ nonce: first, count: 0x10 });
  assert.equal(claims.claimed.length, 1);
});

test('a used count or a lower one is stale, also while the first use is claimed', async () => {
  const { use, nonce } = setUp();
  const stale = refusal('nonce_stale');
  const first = nonce();
  const claiming = use({ nonce: first, count: 5 });
  const next = use({ nonce: first, count: 6 });
  await assert.rejects(use({ nonce: first, count: 6 }), stale);
  await assert.rejects(use({ nonce: first, count: 5 }), stale);
  assert.equal((await claiming).name, (await next).name);
  for (const count of [1, 5, 6]) await assert.rejects(use({ nonce: first, count }), stale);
  await use({ nonce: first, count: 7 });
});

test('a nonce that another process has claimed is stale, and the client continues with a new one', async () => {
  const { use, nonce, start } = setUp();
  const other = start();
  const first = nonce();
  await use({ nonce: first });
  await assert.rejects(other.use({ nonce: first, count: 2 }), refusal('nonce_stale'));
  await assert.rejects(other.use({ nonce: first, count: 1 }), refusal('nonce_stale'));
  await other.use({ nonce: nonce() });
  await use({ nonce: first, count: 2 });
});

test('if two processes get the same nonce at the same time, only one counts it', async () => {
  const { use, nonce, start } = setUp();
  const first = nonce();
  const outcomes = await Promise.allSettled([use({ nonce: first }), start().use({ nonce: first })]);
  assert.deepEqual(outcomes.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
});

test('with the right password, a nonce that has expired or is not ours is stale', async () => {
  const { use, nonce, clock } = setUp();
  const old = nonce();
  clock.advance(300);
  await assert.rejects(use({ nonce: old }), refusal('nonce_stale'));
  await assert.rejects(use({ nonce: 'mine' }), refusal('nonce_stale'));
  const used = nonce();
  await use({ nonce: used });
  clock.advance(300);
  await assert.rejects(use({ nonce: used, count: 2 }), refusal('nonce_stale'));
  await assert.rejects(use({ nonce: old, password: 'guess' }), refusal('credential_invalid'));
});

test('a wrong password claims nothing', async () => {
  const { use, nonce, claims } = setUp();
  await assert.rejects(use({ nonce: nonce(), password: 'guess' }));
  assert.deepEqual(claims.claimed, []);
});

test('refuses if the claim fails or there are too many, and claims again at the next use', async () => {
  const { use, nonce, claims } = setUp();
  const first = nonce();
  claims.answer = new GatehouseError('unavailable', 'silent');
  await assert.rejects(use({ nonce: first }), refusal('unavailable', /silent/));
  claims.answer = 'full';
  await assert.rejects(use({ nonce: first }), refusal('unavailable', /too many nonces/));
  claims.answer = 'first';
  await use({ nonce: first });
});

test('a running request ends when the password is replaced or removed, or the user disabled', async () => {
  const { way, use, nonce, users, digests } = setUp();
  const principal = await use({ nonce: nonce() });
  const current = () => way.current(principal, { certificate: undefined });
  users.set('alice', { ...ALICE, roles: ['admin'] });
  assert.deepEqual(current().roles, ['admin']);
  digests.set('alice', factsOf('next'));
  assert.throws(current, refusal('credential_invalid'));
  digests.delete('alice');
  assert.throws(current, refusal('credential_invalid'));
});

test('offers SHA-256 first for curl and last for Python’s requests, and reports if only the nonce is stale', () => {
  const algorithms = (challenge = '') =>
    [...challenge.matchAll(/algorithm=([\w-]+)/g)].map(([, name]) => name);
  const { way } = setUp();
  const usual = way.challenge('unauthenticated') ?? '';
  assert.deepEqual(algorithms(usual), ['SHA-256', 'SHA-512-256', 'SHA-256']);
  assert.match(usual, /^Digest realm="gatehouse", qop="auth", .*nonce="[\w-]{43}"/);
  assert.doesNotMatch(usual, /stale/);
  assert.match(way.challenge('nonce_stale') ?? '', /, stale=true/);
  const old = setUp({ ...DIGEST, md5: true }).way.challenge('unauthenticated');
  assert.deepEqual(algorithms(old), ['SHA-256', 'SHA-512-256', 'MD5', 'SHA-256']);
});
