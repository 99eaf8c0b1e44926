// gatehouse keyring: the server's own signing keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startFakeAdmin } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const keys = [
  { use: 'assertion', kid: 'k1', state: 'active', createdAt: 'C', signsAt: 'S1', endsAt: null },
  { use: 'assertion', kid: 'k2', state: 'next', createdAt: 'C', signsAt: 'S2', endsAt: null },
];

test('keyring list prints the keys and their states', async (t) => {
  const admin = await startFakeAdmin(t, { 'GET /admin/keyring': { body: keys } });
  const { stdout } = await gatehouse(['keyring', 'list'], { env: admin.env });
  assert.match(stdout, /assertion +k1 +signs +S1/);
  assert.match(stdout, /assertion +k2 +published +S2/);
  const colored = await gatehouse(['keyring', 'list', '--color', 'always'], { env: admin.env });
  assert.ok(colored.stdout.includes('\u001b[32msigns\u001b'), 'green');
  const json = await gatehouse(['keyring', 'list', '--json'], { env: admin.env });
  assert.deepEqual(JSON.parse(json.stdout), keys);
});

test("keyring rotate master-key says what to do with the operator's file", async (t) => {
  const rotated = { kid: 'm2', fileToShorten: '/run/secrets/master.key' };
  const admin = await startFakeAdmin(t, { 'POST /admin/keyring/master-key/rotate': { body: rotated } });
  const { stdout } = await gatehouse(['keyring', 'rotate', 'master-key'], { env: admin.env });
  assert.match(stdout, /new master key m2\nkeep only the first line of \/run\/secrets\/master\.key\n/);
  const refused = await gatehouse(['keyring', 'rotate', 'master-key', '--leaked'], { env: admin.env });
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /--leaked is for signing keys/);
});

test('keyring rotate replaces the key of one use, at once if it leaked', async (t) => {
  const admin = await startFakeAdmin(t, { 'POST /admin/keyring/rotate': { body: keys } });
  await gatehouse(['keyring', 'rotate', 'assertion'], { env: admin.env });
  await gatehouse(['keyring', 'rotate', 'assertion', '--leaked'], { env: admin.env });
  assert.deepEqual(
    admin.calls.map(({ body }) => body),
    [
      { use: 'assertion', leaked: false },
      { use: 'assertion', leaked: true },
    ],
  );
});
