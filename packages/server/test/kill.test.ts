// `kill -9` under writes: what was acknowledged is there after the next start, and the ledger is whole.
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

/** Makes users and keys side by side, and kills the server in the middle of it once enough was acknowledged. */
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
      // The server is gone; whether this last one was kept is open.
      if (!answer) return;
      assert.equal(answer.status, 201, answer.text);
      acknowledged[kind].push(name);
      acts += 1;
      if (acts >= ACTS_BEFORE_KILL) killed ??= server.kill();
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, number) => writer(number)));
  await killed;
}

async function assertKept(server: SpawnedServer, { users, keys }: Acknowledged): Promise<void> {
  const namesAt = async (path: string) =>
    new Set((await server.operate('GET', path)).json<{ name: string }[]>().map(({ name }) => name));
  const [keptUsers, keptKeys] = [await namesAt('/admin/users'), await namesAt('/admin/keys')];
  assert.deepEqual(
    users.filter((name) => !keptUsers.has(name)),
    [],
    'users are missing',
  );
  assert.deepEqual(
    keys.filter((name) => !keptKeys.has(name)),
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
    await assertKept(server, acknowledged);
    await writeUntilKilled(server, acknowledged);
  }
  const server = await spawnServer(t, folder, ['log.level=silent']);
  await assertKept(server, acknowledged);
  assert.ok(acknowledged.users.length > 0 && acknowledged.keys.length >= (ROUNDS * ACTS_BEFORE_KILL) / 2);
  assert.equal(await server.stop(), 0);
});
