// Commands that can leave no administrator: they ask at a terminal, and warn without one.
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { runApplication } from '../../../src/application.ts';
import { startFakeAdmin } from '../../fake-admin.ts';
import { createFakeProcess, gatehouse } from '../../fake-process.ts';

const user = { name: 'alice', roles: ['user'], warnings: [] };
const group = { name: 'admins', roles: [], members: [], warnings: [] };
const COMMANDS = {
  'user role alice user': ['PUT /admin/users/alice/roles', user],
  'user disable alice': ['PUT /admin/users/alice/disabled', user],
  'user remove alice': ['DELETE /admin/users/alice', undefined],
  'group set admins --no-roles': ['POST /admin/groups/admins', group],
  'group disable admins': ['PUT /admin/groups/admins/disabled', group],
  'group remove admins': ['DELETE /admin/groups/admins', undefined],
} as const;

/** An admin API in which this call leaves no administrator. */
function startLast(t: TestContext, call: string, body: unknown) {
  const detail = 'After this, no active user has the role admin.';
  return startFakeAdmin(t, {
    [`${call}?keepAdministrator=true`]: {
      status: 409,
      body: { status: 409, code: 'confirmation_required', detail },
    },
    [call]: { body: body ?? '' },
  });
}

for (const [command, [call, body]] of Object.entries(COMMANDS)) {
  test(`'${command}' without a terminal warns that no administrator remains; --last-administrator omits that`, async (t) => {
    const admin = await startLast(t, call, body);
    const warned = await gatehouse(command.split(' '), { env: admin.env });
    assert.equal(warned.status, 0, warned.stderr);
    assert.match(warned.stderr, /no active user has the role admin/);
    const given = await gatehouse([...command.split(' '), '--last-administrator'], { env: admin.env });
    assert.equal(given.status, 0, given.stderr);
    assert.doesNotMatch(given.stderr, /no active user/);
    assert.equal(admin.calls.length, 3);
  });
}

for (const [key, status, calls] of [
  ['y', 0, 2],
  ['n', 1, 1],
] as const) {
  test(`user remove asks at a terminal if no administrator remains: ${key} gives exit status ${status}`, async (t) => {
    const admin = await startLast(t, 'DELETE /admin/users/alice', undefined);
    const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => stdin });
    const process = Object.assign(createFakeProcess({ terminal: true, env: admin.env }), { stdin });
    const running = runApplication(['user', 'remove', 'alice'], process);
    while (!process.written.stderr.includes('Continue without an administrator?')) await pause(10);
    assert.match(process.written.stderr, /no active user has the role admin/);
    stdin.write(key);
    await running;
    assert.equal(process.exitCode, status, process.written.stderr);
    assert.equal(admin.calls.length, calls);
  });
}
