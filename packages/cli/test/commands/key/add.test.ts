// gatehouse key add: only a public key leaves this machine.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startFakeAdmin } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const added = { id: 'k1', name: 'robot', roles: ['user'], algorithm: 'ed25519', warnings: [] };
const answers = { 'POST /admin/keys/public': { status: 201, body: added } };
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const pem = String(publicKey.export({ type: 'spki', format: 'pem' }));

test('sends the public key as PEM, and prints its id', async (t) => {
  const admin = await startFakeAdmin(t, answers);
  const file = join(admin.folder, 'robot.pub');
  writeFileSync(file, publicKey.export({ type: 'spki', format: 'der' }));
  const args = ['key', 'add', 'robot', '--public-key', file, '--role', 'user', '--expires', '90d'];
  const outcome = await gatehouse(args, { env: admin.env });
  assert.equal(outcome.stdout, 'k1\n');
  assert.match(outcome.stderr, /signs with ed25519: send the id as keyid/);
  const { publicKey: sent, ...body } = { ...(admin.calls[0]?.body as Record<string, unknown>) };
  assert.equal(String(sent).trim(), pem.trim());
  assert.deepEqual(body, { name: 'robot', roles: ['user'], expiresInSeconds: 90 * 86_400 });
});

test('prints one JSON document with --json', async (t) => {
  const admin = await startFakeAdmin(t, answers);
  const file = join(admin.folder, 'robot.pub');
  writeFileSync(file, pem);
  const args = ['key', 'add', 'robot', '--public-key', file, '--json'];
  assert.deepEqual(JSON.parse((await gatehouse(args, { env: admin.env })).stdout), added);
});

test('refuses a private key, and sends nothing', async (t) => {
  const admin = await startFakeAdmin(t, answers);
  const file = join(admin.folder, 'robot.key');
  writeFileSync(file, String(privateKey.export({ type: 'pkcs8', format: 'pem' })));
  const outcome = await gatehouse(['key', 'add', 'robot', '--public-key', file], { env: admin.env });
  assert.equal(outcome.status, 1);
  assert.match(outcome.stderr, /has a private key; give only its public part/);
  assert.deepEqual(admin.calls, []);
});
