// gatehouse session: where people are signed in with a browser.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFakeAdmin } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const ID = '4qtfz7ma3hcyq6xkzj2wb5dnre7u2yvo';
const session = {
  id: ID,
  user: 'alice',
  host: 'api.example.com',
  methods: ['pwd', 'otp', 'mfa'],
  authenticatedAt: '2026-11-30T12:00:00.000Z',
  createdAt: '2026-11-30T12:00:00.000Z',
  lastSeenAt: '2026-11-30T12:30:00.000Z',
  expiresAt: '2026-12-01T12:00:00.000Z',
  address: '192.0.2.7',
  userAgent: 'Mozilla/5.0',
};

test('session list shows who is signed in, where, and with which methods', async (t) => {
  const admin = await startFakeAdmin(t, { 'GET /admin/sessions': { body: [session] } });
  const { stdout } = await gatehouse(['session', 'list'], { env: admin.env });
  for (const part of [ID, 'alice', 'api.example.com', 'pwd', '192.0.2.7'])
    assert.ok(stdout.includes(part), part);
});

test('session list --user asks for the sessions of one user; --json prints them unchanged', async (t) => {
  const admin = await startFakeAdmin(t, { 'GET /admin/sessions?user=alice': { body: [session] } });
  const { stdout } = await gatehouse(['session', 'list', '--user', 'alice', '--json'], { env: admin.env });
  assert.deepEqual(JSON.parse(stdout), [session]);
});

test('session list says that no one is signed in', async (t) => {
  const admin = await startFakeAdmin(t, { 'GET /admin/sessions': { body: [] } });
  const outcome = await gatehouse(['session', 'list'], { env: admin.env });
  assert.deepEqual([outcome.status, outcome.stdout], [0, '']);
  assert.match(outcome.stderr, /no one is signed in/);
});

test('session revoke ends the session with this id', async (t) => {
  const admin = await startFakeAdmin(t, { [`DELETE /admin/sessions/${ID}`]: { status: 204 } });
  const { stdout } = await gatehouse(['session', 'revoke', ID], { env: admin.env });
  assert.equal(stdout, `revoked session ${ID}\n`);
  assert.equal(admin.calls.length, 1);
});
