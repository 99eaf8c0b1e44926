// `kill -9` under writes: the next start has every acknowledged write, and the ledger is intact.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { adminOf } from '../support/admin-api.ts';
import type { Up } from '../support/gatehouse-command.ts';
import { up } from '../support/gatehouse-command.ts';

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
async function writeUntilKilled(server: Up, acknowledged: Acknowledged): Promise<void> {
  const admin = adminOf(server.data);
  let acts = 0;
  let wasKilled = false;
  const writer = async (number: number) => {
    const kind = number === 0 ? 'users' : 'keys';
    for (let count = 0; ; count += 1) {
      const name = `${kind}-${server.pid}-${number}-${count}`;
      const password = kind === 'users' ? { password: 'correct horse' } : {};
      try {
        await admin('POST', `/admin/${kind}`, { name, roles: ['user'], ...password });
      } catch (error) {
        // This last one may or may not be stored.
        if (wasKilled && error instanceof Error && 'code' in error) return;
        throw error;
      }
      acknowledged[kind].push(name);
      acts += 1;
      // Password hashes have a low priority, so a user takes longer than a key.
      if (wasKilled || acts < ACTS_BEFORE_KILL || acknowledged.users.length === 0) continue;
      wasKilled = true;
      process.kill(server.pid, 'SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, number) => writer(number)));
  await server.ended;
}

async function assertStored(server: Up, { users, keys }: Acknowledged): Promise<void> {
  const admin = adminOf(server.data);
  const namesAt = async (path: string) => {
    const all = (await admin('GET', path)) as unknown as { name: string }[];
    return new Set(all.map(({ name }) => name));
  };
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
  const { ok, entries } = await admin('POST', '/admin/audit/verify');
  assert.equal(ok, true);
  assert.ok(Number(entries) >= users.length + keys.length, 'an act is not in the ledger');
}

it('after kill -9 under writes it starts again, nothing acknowledged is missing, and the ledger is intact', async (t) => {
  const data = mkdtempSync(join(tmpdir(), 'gatehouse-killed-'));
  t.after(() => rmSync(data, { recursive: true, force: true }));
  const acknowledged: Acknowledged = { users: [], keys: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    const server = await up({ data });
    t.after(server.stop);
    await assertStored(server, acknowledged);
    await writeUntilKilled(server, acknowledged);
  }
  const server = await up({ data });
  t.after(server.stop);
  await assertStored(server, acknowledged);
  assert.ok(acknowledged.users.length > 0 && acknowledged.keys.length >= (ROUNDS * ACTS_BEFORE_KILL) / 2);
  await server.stop();
  assert.deepEqual(await server.ended, { status: 0, signal: null });
});
