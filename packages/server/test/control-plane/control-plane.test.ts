// Sign-in and the admin API of a whole server, over HTTPS and over the data folder's socket: the answer of
// each call, its entries in the ledger, and that no secret is written anywhere.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import type { Answer } from '../support/send.ts';
import { send } from '../support/send.ts';
import { spawnServer } from '../support/spawn-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// Names that appear nowhere else: if one is found in a file, it was written there by this test.
const PASSWORD = 'correct-horse-battery-staple';
const OTHER_PASSWORD = 'tr0ub4dor-and-three';
const WRONG_PASSWORD = 'no-such-password-here';
const secrets = new Set([PASSWORD, OTHER_PASSWORD, WRONG_PASSWORD]);

const scope = { after };
const folder = temporaryFolder(scope);
const server = await spawnServer(scope, folder, [
  'log.level=debug',
  'identity.hashConcurrency=1',
  'identity.hashQueue=4',
]);
const firstPassword = readFileSync(join(folder, 'admin-password'), 'utf8').trim();
secrets.add(firstPassword);
let adminToken = await signIn('admin', firstPassword);

function login(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return server.control({ method: 'POST', path: '/auth/login', body, headers });
}

async function signIn(username: string, password: string): Promise<string> {
  const answer = await login({ username, password });
  assert.equal(answer.status, 200, answer.text);
  const { access_token } = answer.json<{ access_token: string }>();
  secrets.add(access_token).add(access_token.slice(access_token.lastIndexOf('.') + 1));
  return access_token;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** Calls the admin API as the administrator, over HTTPS. */
function administer(method: string, path: string, body?: unknown): Promise<Answer> {
  return server.control({ method, path, body, headers: bearer(adminToken) });
}

async function createUser(name: string, roles = ['user']): Promise<string> {
  const answer = await administer('POST', '/admin/users', { name, password: PASSWORD, roles });
  assert.equal(answer.status, 201, answer.text);
  return signIn(name, PASSWORD);
}

async function createKey(name: string, more: object = {}): Promise<{ id: string; key: string }> {
  const answer = await administer('POST', '/admin/keys', { name, roles: ['user'], ...more });
  assert.equal(answer.status, 201, answer.text);
  const made = answer.json<{ id: string; key: string }>();
  secrets.add(made.key).add(made.key.split('_')[2] ?? '');
  return made;
}

function assertProblem(answer: Answer, status: number, code: string, detail = /./): void {
  assert.equal(answer.status, status, answer.text);
  assert.equal(answer.headers['content-type'], 'application/problem+json');
  const problem = answer.json();
  assert.deepEqual([problem.status, problem.code], [status, code]);
  assert.equal(problem.request_id, answer.headers['x-request-id']);
  assert.match(String(problem.detail), detail);
  if (status === 401) assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer realm="gatehouse"/);
}

interface Entry {
  seq: number;
  type: string;
  actor: { kind: string; name: string; address?: string };
  outcome: string;
  subject: string | null;
  data: Record<string, unknown>;
}

async function ledger(): Promise<Entry[]> {
  const answer = await administer('GET', '/admin/audit?after=0&limit=1000');
  return answer.json<{ entries: Entry[] }>().entries;
}

async function lastEntry(type: string): Promise<Entry> {
  const entry = (await ledger()).findLast((candidate) => candidate.type === type);
  return entry ?? assert.fail(`the ledger has no ${type}`);
}

test('signing in gives a token, its type and its lifetime (RFC 6749 §5.1), and must not be cached', async () => {
  await createUser('alice');
  const answer = await login({ username: 'alice', password: PASSWORD });
  assert.equal(answer.status, 200);
  assert.equal(answer.headers['cache-control'], 'no-store');
  const { access_token, refresh_token, ...rest } = answer.json<Record<string, string>>();
  assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 900, refresh_expires_in: 28_800 });
  for (const token of [access_token, refresh_token]) secrets.add(token ?? '');
});

test('the token is an RFC 9068 JWT that the published key set verifies', async () => {
  const token = await createUser('bob');
  const { keys } = (await server.control({ path: '/.well-known/jwks.json' })).json<{ keys: object[] }>();
  const { gateway, control } = server.ready;
  const { payload } = await jwtVerify(token, createLocalJWKSet({ keys: keys as never }), {
    algorithms: ['ES256'],
    typ: 'at+jwt',
    issuer: control,
    audience: gateway,
    subject: 'bob',
  });
  assert.deepEqual(payload.roles, ['user']);
  assert.equal(decodeProtectedHeader(token).typ, 'at+jwt');
  assert.ok(keys.every((key) => !('d' in key)));
});

test('a wrong password and an unknown user get the same answer: 401', async () => {
  const wrong = await login({ username: 'alice', password: WRONG_PASSWORD });
  const unknown = await login({ username: 'unknown', password: WRONG_PASSWORD });
  assertProblem(wrong, 401, 'credential_invalid', /^The user name or the password is wrong\.$/);
  const { request_id: _one, ...first } = wrong.json();
  const { request_id: _two, ...second } = unknown.json();
  assert.deepEqual(second, first);
});

test('a malformed sign-in is refused: 415, 400, 422, 413', async () => {
  assertProblem(
    await login('username=alice', { 'content-type': 'application/x-www-form-urlencoded' }),
    415,
    'unsupported_media_type',
  );
  assertProblem(await login('{"username":', { 'content-type': 'application/json' }), 400, 'bad_request');
  assertProblem(await login({ username: 'alice' }), 422, 'unprocessable', /^password: /);
  assertProblem(
    await login({ username: 'alice', password: PASSWORD, roles: ['admin'] }),
    422,
    'unprocessable',
    /roles/,
  );
  assertProblem(
    await login({ username: ['alice'], password: PASSWORD }),
    422,
    'unprocessable',
    /^username: /,
  );
  assertProblem(await login({ username: 'a'.repeat(257), password: PASSWORD }), 422, 'unprocessable');
  assertProblem(await login({ username: 'alice', password: 'x'.repeat(300_000) }), 413, 'content_too_large');
  assertProblem(await server.control({ method: 'GET', path: '/auth/login' }), 405, 'method_not_allowed');
});

test('answers 429 with Retry-After when the queue is full; the sign-ins that wait are served', async () => {
  const answers = await Promise.all(
    Array.from({ length: 12 }, () => login({ username: 'alice', password: WRONG_PASSWORD })),
  );
  const refused = answers.filter(({ status }) => status === 429);
  assert.ok(refused.length > 0);
  for (const answer of refused) {
    assertProblem(answer, 429, 'too_many_requests', /try again/);
    assert.match(answer.headers['retry-after'] ?? '', /^\d+$/);
  }
  assert.ok(answers.filter(({ status }) => status === 401).length >= 5);
});

test('every sign-in is in the ledger before its answer: the user, or the claimed name', async () => {
  await signIn('alice', PASSWORD);
  const success = await lastEntry('identity.sign_in');
  assert.deepEqual([success.outcome, success.subject], ['success', 'alice']);
  assert.deepEqual(success.actor, { kind: 'user', name: 'alice', address: '127.0.0.1' });
  const answer = await login({ username: 'mallory', password: WRONG_PASSWORD });
  const failure = await lastEntry('identity.sign_in');
  assert.deepEqual([failure.outcome, failure.subject], ['failure', 'mallory']);
  assert.deepEqual(failure.actor, { kind: 'anonymous', name: 'anonymous', address: '127.0.0.1' });
  assert.equal(failure.data.requestId, answer.headers['x-request-id']);
});

test('a claimed name cannot break the ledger', async () => {
  for (const username of ['\ud800', 'nul\0', '"},{"', '\u202e', '']) {
    assert.equal((await login({ username, password: WRONG_PASSWORD })).status, 401);
  }
  const { ok } = (await administer('POST', '/admin/audit/verify')).json();
  assert.equal(ok, true);
});

test('the admin API is 401 without a credential or with a bad one, and 403 without the role; all in the ledger', async () => {
  const token = await createUser('carol');
  const ask = (headers: Record<string, string>) => server.control({ path: '/admin/users', headers });
  assertProblem(await ask({}), 401, 'unauthenticated');
  assert.equal((await lastEntry('authz.admin_denied')).actor.kind, 'anonymous');
  assertProblem(await ask(bearer('a.b.c')), 401, 'credential_invalid');
  assertProblem(await ask({ authorization: 'Negotiate YTpi' }), 401, 'credential_malformed');
  assertProblem(await ask({ authorization: 'Basic YTpi' }), 401, 'credential_invalid', /does not accept/);
  assertProblem(
    await ask({ ...bearer(adminToken), 'x-api-key': 'ghk_' }),
    401,
    'credential_malformed',
    /not both/,
  );
  assertProblem(await ask({ 'x-api-key': 'ghk_' }), 401, 'credential_malformed');
  const denied = await ask(bearer(token));
  assertProblem(denied, 403, 'forbidden');
  assert.doesNotMatch(denied.text, /no policy permits/);
  const { request_id } = denied.json();
  assert.deepEqual(
    { ...(await lastEntry('authz.admin_denied')), seq: 0, time: '', hash: '' },
    {
      seq: 0,
      time: '',
      hash: '',
      type: 'authz.admin_denied',
      actor: { kind: 'user', name: 'carol', address: '127.0.0.1' },
      outcome: 'failure',
      subject: 'identity:ListUsers',
      data: {
        code: 'forbidden',
        reason: 'no policy permits identity:ListUsers',
        policies: [],
        tokenId: idOf(token),
        method: 'GET',
        path: '/admin/users',
        requestId: request_id,
      },
    },
  );
});

function idOf(token: string): unknown {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).jti;
}

test('every route of the admin API requires a credential', async () => {
  const routes = [
    ['GET', '/admin/users'],
    ['POST', '/admin/users'],
    ['DELETE', '/admin/users/alice'],
    ['PUT', '/admin/users/alice/password'],
    ['PUT', '/admin/users/alice/roles'],
    ['PUT', '/admin/users/alice/disabled'],
    ['POST', '/admin/services'],
    ['POST', '/admin/keys/x/rotate'],
    ['GET', '/admin/keys'],
    ['POST', '/admin/keys'],
    ['DELETE', '/admin/keys/x'],
    ['GET', '/admin/audit'],
    ['POST', '/admin/audit/verify'],
    ['GET', '/admin/status'],
  ] as const;
  for (const [method, path] of routes) {
    assertProblem(await server.control({ method, path }), 401, 'unauthenticated');
  }
});

test('on the socket in the data folder the caller is the local operator and needs no credential', async () => {
  assert.equal((await server.operate('GET', '/admin/users')).status, 200);
  const answer = await server.operate('POST', '/admin/users', {
    name: 'dora',
    password: PASSWORD,
    roles: ['user'],
  });
  assert.equal(answer.status, 201);
  assert.deepEqual((await lastEntry('identity.user_created')).actor, {
    kind: 'operator',
    name: 'local',
    address: 'socket',
  });
});

test('a user is created (201), listed without the hash, refused twice (409) and removed (204, then 404)', async () => {
  const user = { name: 'erin', password: PASSWORD, roles: ['user', 'planner'] };
  const made = await administer('POST', '/admin/users', user);
  assert.equal(made.status, 201);
  const { warnings, ...view } = made.json();
  const { createdAt, ...rest } = view;
  const roles = ['user', 'planner'];
  const nothing = { groups: [], attributes: {}, disabled: false };
  assert.deepEqual(rest, { name: 'erin', roles, effectiveRoles: roles, ...nothing });
  assert.ok(Date.parse(String(createdAt)) > 0);
  assert.deepEqual(warnings, [
    'No route or policy names the role planner, only admin, user, operator, auditor, metrics',
  ]);
  const listed = (await administer('GET', '/admin/users')).json<Record<string, unknown>[]>();
  assert.deepEqual(
    listed.find(({ name }) => name === 'erin'),
    view,
  );
  assertProblem(await administer('POST', '/admin/users', user), 409, 'conflict', /"erin" is taken/);
  assert.equal((await administer('DELETE', '/admin/users/erin')).status, 204);
  assert.equal((await lastEntry('identity.user_removed')).subject, 'erin');
  assertProblem(await administer('DELETE', '/admin/users/erin'), 404, 'not_found');
});

test('a user with an invalid name, password or roles is 422, and the answer says which', async () => {
  const create = (more: object) =>
    administer('POST', '/admin/users', { name: 'frank', password: PASSWORD, roles: ['user'], ...more });
  for (const name of ['', '-x', 'a b', 'ä', 'a/b', 'a'.repeat(65), '__proto__', '../x', 7]) {
    assertProblem(await create({ name }), 422, 'unprocessable', /^name: /);
  }
  for (const roles of [[], ['a b'], [''], 'user', [1], Array.from({ length: 33 }, () => 'user')]) {
    assertProblem(await create({ roles }), 422, 'unprocessable', /^roles/);
  }
  assertProblem(await create({ password: 'short' }), 422, 'unprocessable', /8 to 1024 characters/);
  assertProblem(await create({ admin: true }), 422, 'unprocessable', /admin/);
});

test('a new password voids the tokens of the old one at once, at the control plane and at the gateway', async () => {
  const token = await createUser('grace', ['admin']);
  const reaches = async () => [
    (await server.control({ path: '/admin/users', headers: bearer(token) })).status,
    (await server.gateway({ headers: bearer(token) })).status,
  ];
  assert.deepEqual(await reaches(), [200, 502]);
  const answer = await administer('PUT', '/admin/users/grace/password', { password: OTHER_PASSWORD });
  assert.equal(answer.status, 204);
  assert.deepEqual(await reaches(), [401, 401]);
  assert.equal((await lastEntry('identity.password_changed')).subject, 'grace');
  assert.equal((await login({ username: 'grace', password: PASSWORD })).status, 401);
  await signIn('grace', OTHER_PASSWORD);
  assertProblem(
    await administer('PUT', '/admin/users/unknown/password', { password: PASSWORD }),
    404,
    'not_found',
  );
  assertProblem(
    await administer('PUT', '/admin/users/grace/password', { password: 'x' }),
    422,
    'unprocessable',
  );
});

test('a removed user loses access at once, at the control plane and at the gateway', async () => {
  const token = await createUser('heidi', ['admin']);
  assert.equal((await administer('DELETE', '/admin/users/heidi')).status, 204);
  assert.equal((await server.control({ path: '/admin/users', headers: bearer(token) })).status, 401);
  assert.equal((await server.gateway({ headers: bearer(token) })).status, 401);
});

test('a key is returned once (201), works at once, is listed without its text, and is refused at once when revoked (204)', async () => {
  const { id, key } = await createKey('robot');
  assert.match(key, /^ghk_[a-z2-7]{16}_[a-z2-7]{32}_[0-9a-f]{8}$/);
  const use = async () => (await server.gateway({ headers: { 'x-api-key': key } })).status;
  assert.equal(await use(), 502);
  const listed = (await administer('GET', '/admin/keys')).json<Record<string, unknown>[]>();
  const robot = listed.find(({ name }) => name === 'robot');
  assert.deepEqual(Object.keys(robot ?? {}).sort(), [
    'addresses',
    'algorithm',
    'createdAt',
    'expiresAt',
    'id',
    'lastUsedAt',
    'name',
    'revokedAt',
    'roles',
    'scopes',
    'state',
  ]);
  assertProblem(
    await administer('POST', '/admin/keys', { name: 'robot', roles: ['admin'] }),
    409,
    'conflict',
  );
  assert.equal((await lastEntry('identity.key_created')).data.id, id);
  assert.deepEqual((await lastEntry('identity.key_used')).actor, {
    kind: 'service',
    name: 'robot',
    address: '127.0.0.1',
  });
  assert.equal((await administer('DELETE', `/admin/keys/${id}`)).status, 204);
  assert.equal(await use(), 401);
  assert.equal((await lastEntry('identity.key_revoked')).subject, 'robot');
  assert.equal((await lastEntry('gateway.request_denied')).data.keyId, id);
  const all = (await administer('GET', '/admin/keys?revoked=true')).json<Record<string, unknown>[]>();
  assert.equal(all.find((each) => each.id === id)?.state, 'revoked');
  assertProblem(await administer('DELETE', `/admin/keys/${id}`), 404, 'not_found');
});

test('a rotated key works beside its successor until the overlap is over', async () => {
  const old = await createKey('turbine');
  const answer = await administer('POST', `/admin/keys/${old.id}/rotate`, { overlapSeconds: 3600 });
  assert.equal(answer.status, 201);
  const { id, key, name, roles, replaces } = answer.json<Record<string, unknown>>();
  assert.deepEqual([name, roles, (replaces as { id: string }).id], ['turbine', ['user'], old.id]);
  const use = async (text: unknown) =>
    (await server.gateway({ headers: { 'x-api-key': String(text) } })).status;
  assert.deepEqual([await use(old.key), await use(key)], [502, 502]);
  await administer('POST', `/admin/keys/${id}/rotate`, { overlapSeconds: 0 });
  assert.equal(await use(key), 401);
  assert.equal((await administer('DELETE', '/admin/services/turbine')).status, 204);
  assert.equal(await use(old.key), 401);
});

test('a key is accepted from its networks only', async () => {
  const use = async (addresses: string[]) => {
    const { key } = await createKey(`net-${addresses[0]?.replace('/', '-')}`, { addresses });
    return (await server.gateway({ headers: { 'x-api-key': key } })).status;
  };
  assert.deepEqual([await use(['127.0.0.0/8']), await use(['192.0.2.0/24'])], [502, 401]);
  assertProblem(
    await administer('POST', '/admin/keys', { name: 'k', addresses: ['x'] }),
    422,
    'unprocessable',
  );
});

test('a disabled user loses access at once, at the control plane and at the gateway', async () => {
  const token = await createUser('fiona');
  const use = async () => (await server.gateway({ headers: bearer(token) })).status;
  assert.equal(await use(), 502);
  const disabled = await administer('PUT', '/admin/users/fiona/disabled', { disabled: true });
  assert.deepEqual([disabled.status, disabled.json().disabled], [200, true]);
  assert.equal(await use(), 401);
  await administer('PUT', '/admin/users/fiona/disabled', { disabled: false });
  assert.equal(await use(), 401);
});

test('disabling the last administrator is refused if the caller wants to keep one; the answer says the way back', async () => {
  const disable = (query: string) =>
    administer('PUT', `/admin/users/admin/disabled${query}`, { disabled: true });
  await administer('PUT', '/admin/users/grace/roles', { roles: ['user'] });
  assertProblem(
    await disable('?keepAdministrator=true'),
    409,
    'confirmation_required',
    /^After this, no active user has the role admin, .*'gatehouse user role NAME admin'\.$/,
  );
  assertProblem(await disable('?keepAdministrator=yes'), 422, 'unprocessable');
  assert.equal((await administer('GET', '/admin/keys')).status, 200, 'nothing has changed');
  assert.equal((await administer('DELETE', '/admin/users/fiona?keepAdministrator=true')).status, 204);
});

test('other roles of a user are in force at once, for tokens that exist', async () => {
  const token = await createUser('erin');
  const administers = async () =>
    (await server.control({ path: '/admin/keys', headers: bearer(token) })).status;
  assert.equal(await administers(), 403);
  assert.equal((await administer('PUT', '/admin/users/erin/roles', { roles: ['admin'] })).status, 200);
  assert.equal(await administers(), 200);
});

test('a key with role admin may administer; one with role user may not', async () => {
  const { key } = await createKey('operator', { roles: ['admin'] });
  const { key: humble } = await createKey('humble');
  const ask = (text: string) => server.control({ path: '/admin/keys', headers: { 'x-api-key': text } });
  assert.equal((await ask(key)).status, 200);
  assertProblem(await ask(humble), 403, 'forbidden');
});

test('an invalid key is 422, and the answer says why', async () => {
  const create = (more: object) => administer('POST', '/admin/keys', { name: 'k', roles: ['user'], ...more });
  assertProblem(await create({ name: 'a b' }), 422, 'unprocessable', /^name: /);
  assertProblem(await create({ roles: [] }), 422, 'unprocessable', /^roles: /);
  for (const expiresInSeconds of [0, -1, 1.5, '60', 1e12]) {
    assertProblem(await create({ expiresInSeconds }), 422, 'unprocessable', /^expiresInSeconds: /);
  }
});

test('a key with a lifetime has its expiry', async () => {
  const answer = await administer('POST', '/admin/keys', {
    name: 'brief',
    roles: ['user'],
    expiresInSeconds: 60,
  });
  const { key, createdAt, expiresAt } = answer.json<Record<string, string>>();
  secrets.add(key ?? '');
  assert.equal(Date.parse(expiresAt ?? '') - Date.parse(createdAt ?? ''), 60_000);
});

test('a key ends at the millisecond that was given, and not in the past, too late or twice', async () => {
  const create = (more: object) => administer('POST', '/admin/keys', { name: 'exact', ...more });
  const expiresAt = new Date(Date.now() + 86_400_123).toISOString();
  const made = (await create({ expiresAt })).json<Record<string, string>>();
  secrets.add(made.key ?? '');
  assert.equal(made.expiresAt, expiresAt);
  const inTenYears = new Date(Date.now() + 3651 * 86_400_000).toISOString();
  for (const wrong of ['2020-01-01T00:00:00Z', inTenYears])
    assertProblem(
      await create({ expiresAt: wrong }),
      422,
      'unprocessable',
      /must be in the future, and at most/,
    );
  assertProblem(await create({ expiresAt: '2030-01-01' }), 422, 'unprocessable', /^expiresAt: /);
  assertProblem(await create({ expiresAt, expiresInSeconds: 5 }), 422, 'unprocessable', /not both/);
});

test('the ledger is read from the end, or from an entry onwards', async () => {
  const page = async (query: string) =>
    (await administer('GET', `/admin/audit${query}`))
      .json<{ entries: Entry[] }>()
      .entries.map(({ seq }) => seq);
  const latest = await page('?limit=3');
  assert.equal(latest.length, 3);
  assert.deepEqual(await page('?after=0&limit=2'), [1, 2]);
  assert.equal((await page('')).length, 20);
  assert.deepEqual(await page('?after=1000000'), []);
  const noNumbers = ['?limit=x', '?limit=', '?limit=1e1', '?after=0x10', '?after=%201', '?after=1.0'];
  for (const query of [...noNumbers, '?limit=0', '?limit=1001', '?after=-1', '?order=desc']) {
    assertProblem(await administer('GET', `/admin/audit${query}`), 422, 'unprocessable');
  }
});

test('the ledger is intact and has an entry for each act of this file, in order and without a gap', async () => {
  const verification = (await administer('POST', '/admin/audit/verify')).json<{
    ok: boolean;
    entries: number;
  }>();
  const entries = await ledger();
  assert.equal(verification.ok, true);
  assert.deepEqual(
    entries.map(({ seq }) => seq),
    entries.map((_, index) => index + 1),
  );
  const types = new Set(entries.map(({ type }) => type));
  // Written at the end of each minute, which may be after this test.
  types.delete('identity.sign_in_refused');
  const expected = [
    'ca.certificate_issued',
    'ca.crl_published',
    'keyring.key_created',
    'sealing.keys_created',
    'identity.user_created',
    'identity.user_removed',
    'identity.user_disabled',
    'identity.user_enabled',
    'identity.user_roles_changed',
    'identity.service_created',
    'identity.service_removed',
    'identity.key_rotated',
    'identity.password_changed',
    'identity.key_created',
    'identity.key_used',
    'identity.key_revoked',
    'identity.sign_in',
    'authz.admin_denied',
    'gateway.request_denied',
  ];
  assert.deepEqual([...types].sort(), expected.sort());
});

test('status has the listeners and the validity of the certificate', async () => {
  const status = (await administer('GET', '/admin/status')).json<Record<string, unknown>>();
  assert.equal(status.gateway, server.ready.gateway);
  assert.equal(status.rootFingerprint, server.ready.rootFingerprint);
  assert.match(String(status.version), /^\d+\.\d+\.\d+$/);
  const { names, notAfter } = status.serverCertificate as { names: string[]; notAfter: string };
  assert.deepEqual(names, ['localhost', '127.0.0.1', '::1']);
  assert.ok(Date.parse(notAfter) > Date.now());
});

test('the public PKI serves the root to anyone over plain HTTP, and nothing from the admin API', async () => {
  const { pki, rootCertificate } = server.ready;
  const answer = await send({ url: `${pki}/roots.pem` });
  assert.equal(answer.status, 200);
  assert.equal(answer.text, readFileSync(rootCertificate, 'utf8'));
  for (const path of ['/admin/users', '/auth/login', '/.well-known/jwks.json', '/']) {
    assertProblem(await send({ url: `${pki}${path}` }), 404, 'not_found');
  }
});

test('the first password is removed from the data folder when it is replaced', async () => {
  assert.ok(existsSync(join(folder, 'admin-password')));
  assert.equal(
    (await administer('PUT', '/admin/users/admin/password', { password: OTHER_PASSWORD })).status,
    204,
  );
  assert.ok(!existsSync(join(folder, 'admin-password')));
  adminToken = await signIn('admin', OTHER_PASSWORD);
});

test('no password, key or token that was used here is in the log, in the ledger or anywhere in the data folder', async () => {
  assert.ok(secrets.size > 20);
  assert.equal(await server.stop(), 0);
  const written = new Map([['standard error', Buffer.from(await server.log())]]);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) written.set(entry.name, readFileSync(join(entry.parentPath, entry.name)));
  }
  assert.ok(written.has('gatehouse.db') && written.has('access.log'));
  for (const [name, content] of written) {
    for (const secret of secrets) {
      assert.ok(secret.length > 8 && !content.includes(secret), `${name} holds ${secret}`);
    }
  }
});
