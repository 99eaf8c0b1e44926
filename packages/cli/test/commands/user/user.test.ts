// gatehouse user: the requests to the server, the output, and how it gets a password.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeQR } from 'qr';
import { startFakeAdmin } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const createdAt = '2026-01-02T03:04:05.000Z';

test('user add reads the password from standard input without its line end, and gives the role user', async (t) => {
  const admin = await startFakeAdmin(t, {
    'POST /admin/users': { status: 201, body: { name: 'alice', roles: ['user'], createdAt } },
  });
  const outcome = await gatehouse(['user', 'add', 'alice', '--password-stdin', '--json'], {
    stdin: 'correct horse \n',
    env: admin.env,
  });
  assert.deepEqual(admin.calls[0]?.body, { name: 'alice', password: 'correct horse ', roles: ['user'] });
  assert.deepEqual(JSON.parse(outcome.stdout), { name: 'alice', roles: ['user'], createdAt });
  assert.equal(outcome.stderr, '');
  assert.equal(outcome.status, 0);
});

test('user add accepts several roles', async (t) => {
  const admin = await startFakeAdmin(t, {
    'POST /admin/users': ({ body }) => ({ status: 201, body: { ...(body as object), createdAt } }),
  });
  const args = ['user', 'add', 'alice', '--role', 'user', '--role', 'admin', '--password-stdin'];
  const outcome = await gatehouse(args, { stdin: 'correct horse', env: admin.env });
  assert.equal(outcome.stdout, 'added alice with user, admin\n');
});

test('user add gives attributes', async (t) => {
  const admin = await startFakeAdmin(t, {
    'POST /admin/users': ({ body }) => ({ status: 201, body: { ...(body as object), createdAt } }),
  });
  const args = ['user', 'add', 'alice', '--attribute', 'department=sales', '--password-stdin'];
  await gatehouse(args, { stdin: 'correct horse', env: admin.env });
  assert.deepEqual(admin.calls[0]?.body, {
    name: 'alice',
    password: 'correct horse',
    roles: ['user'],
    attributes: { department: 'sales' },
  });
});

test('user add without a terminal and without --password-stdin is a usage error', async (t) => {
  const admin = await startFakeAdmin(t, {});
  const outcome = await gatehouse(['user', 'add', 'alice'], { stdin: 'correct horse', env: admin.env });
  assert.equal(outcome.status, 2);
  assert.match(
    outcome.stderr,
    /^gatehouse: no terminal to ask for the password: give --password-stdin .*\n$/,
  );
  assert.equal(admin.calls.length, 0);
});

test('user add refuses an empty password', async (t) => {
  const admin = await startFakeAdmin(t, {});
  const outcome = await gatehouse(['user', 'add', 'alice', '--password-stdin'], {
    stdin: '\n',
    env: admin.env,
  });
  assert.equal(outcome.status, 2);
  assert.equal(admin.calls.length, 0);
});

test('user add never repeats a password that was given as an argument', async () => {
  const outcome = await gatehouse(['user', 'add', 'alice', 'hunter2']);
  assert.equal(outcome.status, 2);
  assert.doesNotMatch(outcome.stderr, /hunter2/);
});

test('prints the reason that the server gives (RFC 9457 §3.1.4) and exits with 1', async (t) => {
  const problem = { status: 409, title: 'Conflict', detail: 'There is a user alice.', request_id: 'r1' };
  const admin = await startFakeAdmin(t, { 'POST /admin/users': { status: 409, body: problem } });
  const outcome = await gatehouse(['user', 'add', 'alice', '--password-stdin'], {
    stdin: 'pw',
    env: admin.env,
  });
  assert.deepEqual(outcome, { status: 1, stdout: '', stderr: 'gatehouse: There is a user alice.\n' });
});

test('user list prints an aligned table, or an array with --json', async (t) => {
  const users = [
    { name: 'al', roles: ['admin', 'user'], disabled: false, createdAt },
    { name: 'roberta', roles: ['user'], disabled: true, createdAt },
  ];
  const admin = await startFakeAdmin(t, { 'GET /admin/users': { body: users } });
  const table = await gatehouse(['user', 'list'], { env: admin.env });
  assert.equal(
    table.stdout,
    [
      'NAME     ROLES        STATE     CREATED',
      'al       admin, user  active    2026-01-02T03:04:05Z',
      'roberta  user         disabled  2026-01-02T03:04:05Z',
      '',
    ].join('\n'),
  );
  const json = await gatehouse(['user', 'list', '--json'], { env: admin.env });
  assert.deepEqual(JSON.parse(json.stdout), users);
});

test('user list says on standard error that there are no users, and prints [] with --json', async (t) => {
  const admin = await startFakeAdmin(t, { 'GET /admin/users': { body: [] } });
  const outcome = await gatehouse(['user', 'list'], { env: admin.env });
  assert.equal(outcome.stdout, '');
  assert.match(outcome.stderr, /user add NAME/);
  assert.equal((await gatehouse(['user', 'list', '--json'], { env: admin.env })).stdout, '[]\n');
});

test('user remove writes the name as one path segment (RFC 3986 §3.3)', async (t) => {
  const admin = await startFakeAdmin(t, {
    'DELETE /admin/users/a%2Fb%3F?keepAdministrator=true': { status: 204 },
  });
  const outcome = await gatehouse(['user', 'remove', 'a/b?', '--json'], { env: admin.env });
  assert.deepEqual(JSON.parse(outcome.stdout), { name: 'a/b?', removed: true });
});

test('user password sends the new password', async (t) => {
  const admin = await startFakeAdmin(t, { 'PUT /admin/users/alice/password': { status: 204 } });
  const args = ['user', 'password', 'alice', '--password-stdin'];
  const outcome = await gatehouse(args, { stdin: 'battery staple\r\n', env: admin.env });
  assert.deepEqual(admin.calls[0]?.body, { password: 'battery staple' });
  assert.deepEqual(outcome, { status: 0, stdout: 'changed the password of alice\n', stderr: '' });
});

test('user role, disable and enable send the change and print the user with --json', async (t) => {
  const alice = { name: 'alice', roles: ['auditor', 'user'], disabled: true, createdAt };
  const admin = await startFakeAdmin(t, {
    'PUT /admin/users/alice/roles?keepAdministrator=true': { body: alice },
    'PUT /admin/users/alice/disabled?keepAdministrator=true': { body: alice },
    'PUT /admin/users/alice/disabled': { body: alice },
  });
  const printed = async (...args: string[]) =>
    (await gatehouse(['user', ...args], { env: admin.env })).stdout;
  assert.equal(await printed('role', 'alice', 'auditor', 'user'), 'alice has auditor, user\n');
  assert.match(await printed('disable', 'alice'), /^disabled alice: tokens and certificates are refused\n/);
  assert.match(await printed('enable', 'alice'), /^enabled alice: /);
  assert.deepEqual(JSON.parse(await printed('disable', 'alice', '--json')), alice);
  assert.deepEqual(
    admin.calls.map(({ body }) => body),
    [{ roles: ['auditor', 'user'] }, { disabled: true }, { disabled: false }, { disabled: true }],
  );
});

test('user unlink removes the link with a sign-in provider', async (t) => {
  const admin = await startFakeAdmin(t, { 'DELETE /admin/users/alice/providers/work': { status: 204 } });
  const { stdout } = await gatehouse(['user', 'unlink', 'alice', 'work'], { env: admin.env });
  assert.equal(stdout, 'removed the link of alice with work\n');
  const { stdout: json } = await gatehouse(['user', 'unlink', 'alice', 'work', '--json'], { env: admin.env });
  assert.deepEqual(JSON.parse(json), { name: 'alice', provider: 'work', removed: true });
});

test('user remove-passkey removes the passkey with this id', async (t) => {
  const admin = await startFakeAdmin(t, { 'DELETE /admin/users/alice/passkeys/AbC_': { status: 204 } });
  const { stdout } = await gatehouse(['user', 'remove-passkey', 'alice', 'AbC_'], { env: admin.env });
  assert.equal(stdout, 'removed a passkey of alice\n');
  const args = ['user', 'remove-passkey', 'alice', 'AbC_', '--json'];
  const { stdout: json } = await gatehouse(args, { env: admin.env });
  assert.deepEqual(JSON.parse(json), { name: 'alice', id: 'AbC_', removed: true });
});

test('after --, an id may begin with a dash (POSIX, Utility Syntax Guideline 10)', async (t) => {
  const admin = await startFakeAdmin(t, { 'DELETE /admin/users/alice/passkeys/-a': { status: 204 } });
  const { status } = await gatehouse(['user', 'remove-passkey', 'alice', '--', '-a'], { env: admin.env });
  assert.equal(status, 0);
});

test('user show prints the facts of one user', async (t) => {
  const groups = { groups: ['editors'], effectiveRoles: ['user', 'editor'] };
  const factors = { totpSince: createdAt, recoveryCodesLeft: 9 };
  const attributes = { department: 'sales', level: 3, areas: ['a', 'b'] };
  const link = { provider: 'work', issuer: 'https://sso.example', subject: '7', linkedAt: createdAt };
  const alice = {
    name: 'alice',
    roles: ['user'],
    ...groups,
    attributes,
    ...factors,
    passkeys: [{ id: 'AbC_', name: 'Phone', createdAt, lastUsedAt: null }],
    providers: [
      { ...link, label: 'a@example.com', lastUsedAt: null },
      { ...link, provider: 'other', label: null, lastUsedAt: null },
    ],
    disabled: false,
    createdAt,
  };
  const admin = await startFakeAdmin(t, { 'GET /admin/users/alice': { body: alice } });
  const { stdout } = await gatehouse(['user', 'show', 'alice'], { env: admin.env });
  const facts = Object.fromEntries(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
  );
  assert.deepEqual(facts, {
    name: 'alice',
    roles: 'user',
    groups: 'editors',
    'with groups': 'user, editor',
    attributes: 'department=sales, level=3, areas=a, b',
    TOTP: 'since 2026-01-02T03:04:05Z',
    'recovery codes': '9',
    passkeys: 'Phone (AbC_), since 2026-01-02T03:04:05Z',
    providers: 'work as a@example.com, since 2026-01-02T03:04:05Z, other as 7, since 2026-01-02T03:04:05Z',
    state: 'active',
    created: '2026-01-02T03:04:05Z',
  });
});

test('user set reads JSON of the allowed types, and takes anything else as text', async (t) => {
  const admin = await startFakeAdmin(t, {
    'POST /admin/users/alice/attributes': ({ body }) => ({
      body: { name: 'alice', attributes: (body as { set: object }).set },
    }),
  });
  const given = [
    'department=sales',
    'level=3',
    'on=true',
    'areas=["a","b"]',
    'text="3"',
    'zip=01234',
    'x={}',
  ];
  const args = ['user', 'set', 'alice', ...given.flatMap((pair) => ['--attribute', pair])];
  const { stdout } = await gatehouse([...args, '--remove-attribute', 'old'], { env: admin.env });
  assert.deepEqual(admin.calls[0]?.body, {
    set: {
      department: 'sales',
      level: 3,
      on: true,
      areas: ['a', 'b'],
      text: '3',
      zip: '01234',
      x: '{}',
    },
    remove: ['old'],
  });
  assert.match(stdout, /^alice has department=sales, level=3/);
});

test('user set without a change, or with an attribute without a value, is a usage error', async (t) => {
  const admin = await startFakeAdmin(t, {});
  for (const args of [
    [],
    ['--attribute', 'department'],
    ['--attribute', '=sales'],
    ['--attribute', '__proto__=1'],
  ]) {
    assert.equal((await gatehouse(['user', 'set', 'alice', ...args], { env: admin.env })).status, 2);
  }
  assert.equal(admin.calls.length, 0);
});

test('user totp prints a QR code that an app can read, the URI and the recovery codes', async (t) => {
  const uri = 'otpauth://totp/Gatehouse:alice?issuer=Gatehouse&secret=GEZDGNBVGY3TQOJQ';
  const body = { name: 'alice', secret: 'GEZDGNBVGY3TQOJQ', uri, recovery_codes: ['abcd-efgh', 'ijkl-mnop'] };
  const admin = await startFakeAdmin(t, { 'POST /admin/users/alice/totp': { status: 201, body } });
  const { stdout } = await gatehouse(['user', 'totp', 'alice'], { env: admin.env });
  assert.ok(stdout.includes(`\n${uri}\n`));
  assert.ok(stdout.includes(encodeQR(uri, 'ascii', { ecc: 'medium', border: 4 }).trimEnd()));
  assert.match(stdout, /\n {2}abcd-efgh\n {2}ijkl-mnop\n$/);
  const json = await gatehouse(['user', 'totp', 'alice', '--json'], { env: admin.env });
  assert.deepEqual(JSON.parse(json.stdout), body);
});

const BROKEN = { brokenOutput: 'ENOSPC' };

test('user totp switches TOTP off again if it cannot print the secret, because the user could not sign in', async (t) => {
  const body = {
    name: 'alice',
    secret: 'GEZDGNBV',
    uri: 'otpauth://totp/a?secret=GEZDGNBV',
    recovery_codes: [],
  };
  for (const json of [[], ['--json']]) {
    const admin = await startFakeAdmin(t, {
      'POST /admin/users/alice/totp': { status: 201, body },
      'DELETE /admin/users/alice/totp': { status: 204 },
    });
    const outcome = await gatehouse(['user', 'totp', 'alice', ...json], { env: admin.env, ...BROKEN });
    assert.deepEqual([outcome.status, outcome.stdout], [1, '']);
    assert.match(outcome.stderr, /the disk is full; TOTP of alice is therefore revoked/);
    assert.deepEqual(
      admin.calls.map(({ method }) => method),
      ['POST', 'DELETE'],
    );
  }
});

test('user recovery-codes and reset-password say what to do if they cannot print their result', async (t) => {
  const admin = await startFakeAdmin(t, {
    'POST /admin/users/alice/recovery-codes': { body: { recovery_codes: ['abcd-efgh'] } },
    'POST /admin/users/alice/password-reset': {
      status: 201,
      body: { name: 'alice', url: 'https://localhost:9443/reset#token=abc', expiresAt: createdAt },
    },
  });
  for (const command of ['recovery-codes', 'reset-password']) {
    const outcome = await gatehouse(['user', command, 'alice'], { env: admin.env, ...BROKEN });
    assert.deepEqual([outcome.status, outcome.stdout], [1, '']);
    assert.match(outcome.stderr, /^gatehouse: cannot write .*; .*not delivered.*: repeat the command\n$/);
    assert.doesNotMatch(outcome.stderr, /abc/);
  }
});

test('user totp --remove switches it off', async (t) => {
  const admin = await startFakeAdmin(t, { 'DELETE /admin/users/alice/totp': { status: 204 } });
  const { stdout } = await gatehouse(['user', 'totp', 'alice', '--remove'], { env: admin.env });
  assert.match(stdout, /^switched TOTP off for alice/);
});

test('user reset-password prints only the link on standard output', async (t) => {
  const body = { name: 'alice', url: 'https://localhost:9443/reset#token=abc', expiresAt: createdAt };
  const path = 'POST /admin/users/alice/password-reset';
  const admin = await startFakeAdmin(t, { [path]: { status: 201, body } });
  const { stdout, stderr } = await gatehouse(['user', 'reset-password', 'alice'], { env: admin.env });
  assert.equal(stdout, `${body.url}\n`);
  assert.match(stderr, /works once, until 2026-01-02T03:04:05Z/);
});

test('user recovery-codes prints the new codes, one in each line', async (t) => {
  const body = { recovery_codes: ['abcd-efgh', 'ijkl-mnop'] };
  const admin = await startFakeAdmin(t, { 'POST /admin/users/alice/recovery-codes': { body } });
  const { stdout } = await gatehouse(['user', 'recovery-codes', 'alice'], { env: admin.env });
  assert.equal(stdout, 'abcd-efgh\nijkl-mnop\n');
});
