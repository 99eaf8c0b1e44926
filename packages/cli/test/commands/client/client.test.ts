// gatehouse client: the secret is printed once, to standard output with nothing else, or written to a file.
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFakeAdmin } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const client = {
  client_id: 'c1',
  name: 'reports',
  service: 'reports',
  state: 'active',
  grants: ['client_credentials'],
  authMethod: 'client_secret_basic',
  redirectUris: [],
  scopes: [],
  backchannelLogoutUri: null,
  createdAt: '2026-01-02T03:04:05.000Z',
};
const created = { ...client, client_secret: 'ghs_secret' };
const answers = { 'POST /admin/clients': { status: 201, body: created } };
const ADD = ['client', 'add', 'reports', '--grant', 'client_credentials'];

test('client add prints only the secret on standard output, and the rest on standard error', async (t) => {
  const admin = await startFakeAdmin(t, answers);
  const outcome = await gatehouse([...ADD, '--role', 'user', '--scope', 'a'], { env: admin.env });
  assert.equal(outcome.stdout, 'ghs_secret\n');
  assert.match(outcome.stderr, /^OAuth client reports with the client_id c1, acts as the service reports\./);
  assert.doesNotMatch(outcome.stderr, /ghs_/);
  const body = { name: 'reports', roles: ['user'], grants: ['client_credentials'], scopes: ['a'] };
  assert.deepEqual(admin.calls[0]?.body, body);
});

test('client add --json prints client_id and client_secret', async (t) => {
  const admin = await startFakeAdmin(t, answers);
  const { stdout } = await gatehouse([...ADD, '--json'], { env: admin.env });
  assert.deepEqual(JSON.parse(stdout), created);
});

test('client add --out writes the secret to a file of mode 0600, and nothing to standard output', async (t) => {
  const admin = await startFakeAdmin(t, answers);
  const out = join(admin.folder, 'reports.secret');
  const outcome = await gatehouse([...ADD, '--out', out], { env: admin.env });
  assert.deepEqual([outcome.status, outcome.stdout], [0, '']);
  assert.equal(readFileSync(out, 'utf8'), 'ghs_secret\n');
  assert.equal(statSync(out).mode & 0o777, 0o600);
});

test('client add --public has no secret, and contradicts another method', async (t) => {
  const body = { ...created, service: null, client_secret: null };
  const admin = await startFakeAdmin(t, { 'POST /admin/clients': { status: 201, body } });
  const args = [
    'client',
    'add',
    'app',
    '--grant',
    'authorization_code',
    '--public',
    '--redirect-uri',
    'https://a.example/',
  ];
  const { stdout } = await gatehouse(args, { env: admin.env });
  assert.equal(stdout, 'c1\n');
  const [call] = admin.calls as { body: { authMethod: string } }[];
  assert.equal(call?.body.authMethod, 'none');
  const both = await gatehouse([...args, '--auth-method', 'client_secret_post'], { env: admin.env });
  assert.equal(both.status, 2);
});

test('client list prints a table, or says how to add a client if there is none', async (t) => {
  const admin = await startFakeAdmin(t, { 'GET /admin/clients': { body: [client] } });
  const { stdout } = await gatehouse(['client', 'list'], { env: admin.env });
  assert.match(stdout, /^NAME +CLIENT ID +STATE/);
  assert.match(stdout, /\nreports +c1 +active +client_credentials/);
  const none = await startFakeAdmin(t, { 'GET /admin/clients': { body: [] } });
  assert.match((await gatehouse(['client', 'list'], { env: none.env })).stderr, /^no OAuth clients yet/);
});

test('client disable, enable, set and remove call the admin API', async (t) => {
  const admin = await startFakeAdmin(t, {
    'PUT /admin/clients/reports/disabled': { body: client },
    'PUT /admin/clients/reports': { body: client },
    'DELETE /admin/clients/reports': { status: 204 },
  });
  for (const args of [
    ['disable', 'reports'],
    ['enable', 'reports'],
    ['set', 'reports', '--scope', 'b'],
    ['remove', 'reports'],
  ]) {
    assert.equal((await gatehouse(['client', ...args], { env: admin.env })).status, 0, args.join(' '));
  }
  assert.deepEqual(
    admin.calls.map(({ body }) => body ?? null),
    [{ disabled: true }, { disabled: false }, { scopes: ['b'] }, null],
  );
  assert.equal((await gatehouse(['client', 'set', 'reports'], { env: admin.env })).status, 2);
});

test('client add reads a file of keys with a byte order mark, and refuses one that is not UTF-8', async (t) => {
  const admin = await startFakeAdmin(t, answers);
  const path = join(admin.folder, 'keys.json');
  writeFileSync(path, '\ufeff{"keys":[{"kty":"OKP"}]}');
  const add = [...ADD, '--keys', path];
  assert.equal((await gatehouse(add, { env: admin.env })).status, 0);
  assert.deepEqual(Object(admin.calls[0]?.body).keys, [{ kty: 'OKP' }]);
  writeFileSync(path, Buffer.from('{"kid":"\xe4"}', 'latin1'));
  assert.match((await gatehouse(add, { env: admin.env })).stderr, /keys\.json is not text in UTF-8/);
  assert.equal(admin.calls.length, 1);
});

test('client add removes a client whose secret it cannot print', async (t) => {
  const admin = await startFakeAdmin(t, { ...answers, 'DELETE /admin/clients/c1': { status: 204 } });
  const outcome = await gatehouse(ADD, { env: admin.env, brokenOutput: 'ENOSPC' });
  assert.deepEqual([outcome.status, outcome.stdout], [1, '']);
  assert.match(outcome.stderr, /the disk is full; client c1 is therefore revoked\n$/);
  assert.deepEqual(
    admin.calls.map(({ method }) => method),
    ['POST', 'DELETE'],
  );
});

test('client rotate-secret prints the new secret, and the time until which the old one works', async (t) => {
  const body = {
    client_id: 'c1',
    name: 'reports',
    client_secret: 'ghs_new',
    replaces: { endsAt: '2026-01-02T04:04:05.000Z' },
  };
  const admin = await startFakeAdmin(t, {
    'POST /admin/clients/reports/rotate-secret': { status: 201, body },
  });
  const args = ['client', 'rotate-secret', 'reports', '--overlap', '2h'];
  const { stdout, stderr } = await gatehouse(args, { env: admin.env });
  assert.equal(stdout, 'ghs_new\n');
  assert.match(stderr, /accepted until 2026-01-02T04:04:05/);
  const broken = await gatehouse(args, { env: admin.env, brokenOutput: 'ENOSPC' });
  assert.equal(broken.status, 1);
  assert.match(
    broken.stderr,
    /the new secret of client reports was not delivered.* until 2026-01-02T04:04:05.*: repeat the command before/,
  );
  assert.deepEqual(admin.calls[0]?.body, { overlapSeconds: 7200 });
});
