// gatehouse group: the requests to the server, and the output.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFakeAdmin } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const createdAt = '2026-01-02T03:04:05.000Z';
const editors = {
  name: 'editors',
  roles: ['user', 'editor'],
  members: ['alice'],
  disabled: false,
  createdAt,
};

test('group add gives roles and members', async (t) => {
  const admin = await startFakeAdmin(t, { 'POST /admin/groups': { status: 201, body: editors } });
  const args = ['group', 'add', 'editors', '--role', 'user', '--role', 'editor', '--member', 'alice'];
  const { stdout } = await gatehouse(args, { env: admin.env });
  const { createdAt: _, disabled: _disabled, ...asked } = editors;
  assert.deepEqual(admin.calls[0]?.body, asked);
  assert.equal(stdout, 'added group editors with the roles user, editor\n');
});

test('group list and group show print the groups', async (t) => {
  const admin = await startFakeAdmin(t, {
    'GET /admin/groups': { body: [editors] },
    'GET /admin/groups/editors': { body: editors },
  });
  const list = await gatehouse(['group', 'list'], { env: admin.env });
  assert.match(list.stdout, /\neditors +user, editor +active +2026-01-02T03:04:05Z\n$/);
  const { stdout } = await gatehouse(['group', 'show', 'editors'], { env: admin.env });
  assert.match(stdout, /^name +editors\nroles +user, editor\nmembers +alice\n/);
});

test('group list without groups says how to add one', async (t) => {
  const admin = await startFakeAdmin(t, { 'GET /admin/groups': { body: [] } });
  const { stdout, stderr } = await gatehouse(['group', 'list'], { env: admin.env });
  assert.deepEqual([stdout, stderr], ['', "no groups yet: add one with 'group add NAME'\n"]);
});

test('group set sends only what changes', async (t) => {
  const admin = await startFakeAdmin(t, {
    'POST /admin/groups/editors?keepAdministrator=true': { body: editors },
  });
  const set = (...args: string[]) => gatehouse(['group', 'set', 'editors', ...args], { env: admin.env });
  const { stdout } = await set('--add-member', 'alice', '--remove-member', 'bob');
  assert.deepEqual(admin.calls[0]?.body, { addMembers: ['alice'], removeMembers: ['bob'] });
  assert.equal(stdout, 'editors has the roles user, editor and the members alice\n');
  await set('--no-roles');
  assert.deepEqual(admin.calls[1]?.body, { roles: [], addMembers: [], removeMembers: [] });
  for (const args of [[], ['--no-roles', '--role', 'user']]) assert.equal((await set(...args)).status, 2);
  assert.equal(admin.calls.length, 2);
});

test('group disable and group enable report the effect on the members', async (t) => {
  const admin = await startFakeAdmin(t, {
    'PUT /admin/groups/editors/disabled?keepAdministrator=true': { body: editors },
    'PUT /admin/groups/editors/disabled': { body: editors },
  });
  const disabled = await gatehouse(['group', 'disable', 'editors'], { env: admin.env });
  assert.equal(disabled.stdout, 'disabled group editors: its members do not have its roles\n');
  const enabled = await gatehouse(['group', 'enable', 'editors'], { env: admin.env });
  assert.equal(enabled.stdout, 'enabled group editors: its members have its roles again\n');
  assert.deepEqual(
    admin.calls.map(({ body }) => body),
    [{ disabled: true }, { disabled: false }],
  );
});

test('group remove reports the removal', async (t) => {
  const admin = await startFakeAdmin(t, {
    'DELETE /admin/groups/editors?keepAdministrator=true': { status: 204 },
  });
  const { stdout } = await gatehouse(['group', 'remove', 'editors'], { env: admin.env });
  assert.equal(stdout, 'removed group editors\n');
});
