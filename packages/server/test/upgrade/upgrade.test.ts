// An upgrade from the first version, whose data folder is in first-version.sql: what it had is still there.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { migrations } from '../../src/capabilities.ts';
import { serve } from '../../src/index.ts';
import { openDatabase } from '../../src/platform/store/database.ts';
import { migrate } from '../../src/platform/store/migrations.ts';
import { refusal } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { send } from '../support/send.ts';
import { TEST_SETTINGS } from '../support/spawn-server.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DUMP = readFileSync(new URL('./first-version.sql', import.meta.url), 'utf8');
const MASTER_KEY = 'zyJgJ7XHZlUx3Y2ZnExE0iFfBd9GuDVOVk9UqNxeKXI=';
const ROOT_PIN = 'sha256/praA6coCk1+7G+flaLSg3ytJHH8x9pKXzMnheQLHLKc=';
/** Of the ledger. */
const LAST_ENTRY = { seq: 22, hash: '336a111eb00f053f4c5333bb66842fbee226b6186d7227e2eb2b5c6434adc79c' };
const ALICE = { username: 'alice', password: 'correct horse battery staple' };
const ROBOT = 'ghk_hkq7b5tbzgo7luvy_wljqvogu3prl5mnattferc4fwjqdmlqa_3cdcc788';
const REVOKED = 'ghk_mk46j3whaewuvwzd_xncqtgfekvgejb2k2kp6mhmba2shhoa5_2caf95cb';

/** The data folder as the first version left it. */
function createFolder(t: TestContext): string {
  const folder = temporaryFolder(t);
  const database = new DatabaseSync(join(folder, 'gatehouse.db'));
  database.exec(DUMP);
  database.close();
  writeFileSync(join(folder, 'master.key'), `${MASTER_KEY}\n`, { mode: 0o600 });
  return folder;
}

function schemaIn(path: string): string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const rows = database.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name').all();
  database.close();
  return rows.map(({ sql }) => String(sql));
}

async function migrateAll(path: string, names?: ReadonlySet<string>): Promise<void> {
  const database = openDatabase(path);
  const wanted = migrations.filter(({ name }) => names?.has(name) ?? true);
  await migrate(database, wanted, createFakeClock()).finally(() => database.close());
}

test('the upgrade gives the tables that a new data folder has', async (t) => {
  const upgraded = join(createFolder(t), 'gatehouse.db');
  const fresh = join(temporaryFolder(t), 'gatehouse.db');
  for (const path of [upgraded, fresh]) await migrateAll(path);
  assert.deepEqual(schemaIn(upgraded), schemaIn(fresh));
});

test('after the upgrade, the first version refuses the folder, which is then unchanged', async (t) => {
  const path = join(createFolder(t), 'gatehouse.db');
  const known = new Set(
    [...DUMP.matchAll(/INSERT INTO "schema_migrations" VALUES\('([^']+)'/g)].map(([, name = '']) => name),
  );
  await migrateAll(path);
  const before = schemaIn(path);
  await assert.rejects(
    migrateAll(path, known),
    refusal('migration_failed', /^A newer Gatehouse wrote this data folder/),
  );
  assert.deepEqual(schemaIn(path), before);
});

test('users, keys, certificates, the authority and the ledger of the first version are in force', async (t) => {
  const folder = createFolder(t);
  const server = await serve({ data: folder, set: [...TEST_SETTINGS, 'log.level=silent'], environment: {} });
  t.after(() => server.stop());
  const { gateway, control, rootFingerprint } = server.ready;
  assert.equal(rootFingerprint, ROOT_PIN);
  const ca = readFileSync(join(folder, 'root.pem'), 'utf8');
  const operate = (method: string, path: string) =>
    send({ socketPath: join(folder, 'control.sock'), method, path });

  const login = await send({ url: `${control}/auth/login`, ca, method: 'POST', body: ALICE });
  assert.equal(login.status, 200, login.text);
  // 502: the credential was accepted, and there is no upstream.
  const asked = async (key: string) =>
    (await send({ url: `${gateway}/`, ca, headers: { 'x-api-key': key } })).status;
  assert.deepEqual([await asked(ROBOT), await asked(REVOKED)], [502, 401]);

  const read = async <T>(path: string) => (await operate('GET', `/admin/${path}`)).json<T>();
  const users = await read<{ name: string; roles: string[] }[]>('users');
  assert.deepEqual(
    users.map(({ name, roles }) => [name, roles]),
    [
      ['admin', ['admin']],
      ['alice', ['user']],
      ['carol', ['auditor']],
    ],
  );
  const services = await read<{ name: string }[]>('services');
  assert.deepEqual(
    services.map(({ name }) => name),
    ['build-farm', 'robot', 'wiki'],
  );
  const { certificates } = await read<{ certificates: { names: string[]; status: string }[] }>(
    'certificates',
  );
  const statusOf = (name: string) => certificates.find(({ names }) => names.includes(name))?.status;
  assert.deepEqual([statusOf('build-farm'), statusOf('gone.example.internal')], ['expired', 'revoked']);

  const verified = (await operate('POST', '/admin/audit/verify')).json();
  assert.equal(verified.ok, true);
  const database = new DatabaseSync(join(folder, 'gatehouse.db'), { readOnly: true });
  t.after(() => database.close());
  const { seq, hash } = LAST_ENTRY;
  assert.equal(database.prepare('SELECT hash FROM audit_entries WHERE seq = ?').get(seq)?.hash, hash);
});
