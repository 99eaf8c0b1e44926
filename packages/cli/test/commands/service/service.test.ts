// gatehouse service: adds, lists, shows and removes services.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFakeAdmin } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const robot = {
  name: 'robot',
  roles: ['backup'],
  attributes: { tier: 2 },
  disabled: false,
  createdAt: '2026-01-02T03:04:05.000Z',
};
const key = {
  id: 'k1',
  name: 'robot',
  roles: ['backup'],
  scopes: [],
  addresses: [],
  state: 'active',
  createdAt: robot.createdAt,
  expiresAt: null,
  lastUsedAt: null,
  revokedAt: null,
};

test('service add sends the roles, and leaves them to the server if there are none', async (t) => {
  const admin = await startFakeAdmin(t, { 'POST /admin/services': { status: 201, body: robot } });
  const outcome = await gatehouse(['service', 'add', 'robot', '--role', 'backup'], { env: admin.env });
  assert.deepEqual(outcome, { status: 0, stdout: 'added service robot with backup\n', stderr: '' });
  const json = await gatehouse(['service', 'add', 'robot', '--json'], { env: admin.env });
  assert.deepEqual(JSON.parse(json.stdout), robot);
  assert.deepEqual(
    admin.calls.map(({ body }) => body),
    [{ name: 'robot', roles: ['backup'] }, { name: 'robot' }],
  );
});

test('service list prints a table, or says how to add a service if there is none', async (t) => {
  const admin = await startFakeAdmin(t, { 'GET /admin/services': { body: [robot] } });
  const { stdout } = await gatehouse(['service', 'list'], { env: admin.env });
  assert.equal(stdout, 'NAME   ROLES   STATE   CREATED\nrobot  backup  active  2026-01-02T03:04:05Z\n');
  const none = await startFakeAdmin(t, { 'GET /admin/services': { body: [] } });
  const { stderr } = await gatehouse(['service', 'list'], { env: none.env });
  assert.equal(stderr, "no services yet: 'key create NAME' registers one\n");
});

test('service show prints the service and a table of its keys', async (t) => {
  const admin = await startFakeAdmin(t, { 'GET /admin/services/robot': { body: { ...robot, keys: [key] } } });
  const { stdout } = await gatehouse(['service', 'show', 'robot'], { env: admin.env });
  assert.match(stdout, /^name {8}robot\nroles {7}backup\nattributes {2}tier=2\nstate {7}active\n/);
  assert.match(stdout, /\ncreated {5}2026-01-02T03:04:05Z\nkeys {8}1\n\nID /);
  assert.match(stdout, /\nk1 +backup +active /);
});

test('service remove reports that the keys and certificates are removed too', async (t) => {
  const admin = await startFakeAdmin(t, { 'DELETE /admin/services/robot': { status: 204 } });
  const outcome = await gatehouse(['service', 'remove', 'robot'], { env: admin.env });
  const stdout = 'removed service robot, its API keys and certificates\n';
  assert.deepEqual(outcome, { status: 0, stdout, stderr: '' });
});

test('service set and user set print the policies that the attributes do not match', async (t) => {
  const warnings = ['The policy limit no longer fits'];
  const admin = await startFakeAdmin(t, {
    'POST /admin/services/robot/attributes': { body: { ...robot, warnings } },
    'POST /admin/users/robot/attributes': { body: { ...robot, warnings } },
  });
  for (const noun of ['service', 'user']) {
    const args = [noun, 'set', 'robot', '--attribute', 'tier=2'];
    const { status, stderr } = await gatehouse(args, { env: admin.env });
    assert.deepEqual([status, stderr], [0, 'gatehouse: warning: The policy limit no longer fits\n']);
  }
});

test('service set changes attributes; service disable and enable report the effect', async (t) => {
  const admin = await startFakeAdmin(t, {
    'POST /admin/services/robot/attributes': { body: robot },
    'PUT /admin/services/robot/disabled': { body: robot },
  });
  const run = async (...args: string[]) => (await gatehouse(['service', ...args], { env: admin.env })).stdout;
  assert.equal(await run('set', 'robot', '--attribute', 'tier=2'), 'robot has tier=2\n');
  assert.deepEqual(admin.calls[0]?.body, { set: { tier: 2 }, remove: [] });
  assert.match(await run('disable', 'robot'), /keys, certificates and OAuth clients are refused/);
  assert.deepEqual(admin.calls[1]?.body, { disabled: true });
  assert.match(await run('enable', 'robot'), /are accepted again/);
});
