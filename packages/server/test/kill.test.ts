// `kill -9` under writes: the next start has every acknowledged write, and the ledger is intact.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SpawnedServer } from './support/spawn-server.ts';
import { spawnServer } from './support/spawn-server.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

interface Acknowledged {
  users: string[];
  keys: string[];
}

const WRITERS = 8;
const ROUNDS = 3;
const ACTS_BEFORE_KILL = 60;

/**
 * Creates users and keys in parallel, and kills the server in the middle of it after enough acknowledged
 * writes.
 */
async function writeUntilKilled(server: SpawnedServer, acknowledged: Acknowledged): Promise<void> {
  let acts = 0;
  let killed: Promise<void> | undefined;
  const writer = async (number: number) => {
    const kind = number === 0 ? 'users' : 'keys';
    for (let count = 0; ; count += 1) {
      const name = `${kind}-${server.child.pid}-${number}-${count}`;
      const password = kind === 'users' ? { password: 'correct horse' } : {};
      const answer = await server
        .operate('POST', `/admin/${kind}`, { name, roles: ['user'], ...password })
        .catch(() => undefined);
      // The server was killed; this last one may or may not be stored.
      if (!answer) return;
      assert.equal(answer.status, 201, answer.text);
      acknowledged[kind].push(name);
      acts += 1;
      // Password hashes have a low priority, so a user takes longer than a key.
      if (acts >= ACTS_BEFORE_KILL && acknowledged.users.length > 0) killed ??= server.kill();
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, number) => writer(number)));
  await killed;
}

async function assertStored(server: SpawnedServer, { users, keys }: Acknowledged): Promise<void> {
  const namesAt = async (path: string) =>
    new Set((await server.operate('GET', path)).json<{ name: string }[]>().map(({ name }) => name));
  const [storedUsers, storedKeys] = [await namesAt('/admin/users'), await namesAt('/admin/keys')];
  assert.deepEqual(
    users.filter((name) => !storedUsers.has(name)),
    [],
    'users are missing',
  );
  assert.deepEqual(
    keys.filter((name) => !storedKeys.has(name)),
    [],
    'keys are missing',
  );
  const { ok, entries } = (await server.operate('POST', '/admin/audit/verify')).json<{
    ok: boolean;
    entries: number;
  }>();
  assert.equal(ok, true);
  assert.ok(entries >= users.length + keys.length, 'an act is not in the ledger');
}

test('after kill -9 under writes it starts again, nothing acknowledged is missing, and the ledger is intact', async (t) => {
  const folder = temporaryFolder(t);
  const acknowledged: Acknowledged = { users: [], keys: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const server = await spawnServer(t, folder, ['log.level=silent']);
    await assertStored(server, acknowledged);
    await writeUntilKilled(server, acknowledged);
  }
  const server = await spawnServer(t, folder, ['log.level=silent']);
  await assertStored(server, acknowledged);
  assert.ok(acknowledged.users.length > 0 && acknowledged.keys.length >= (ROUNDS * ACTS_BEFORE_KILL) / 2);
  assert.equal(await server.stop(), 0);
});
