// Secrets at rest: they open only with their own master key and under their own name
// (docs/wire/sealed-secret.md).
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { decodeProtectedHeader } from 'jose';
import { openDataFolder } from '../../../src/platform/data-folder/data-folder.ts';
import { keyStoreMigrations, openKeyStore } from '../../../src/platform/keys/key-store.ts';
import { openDatabase } from '../../../src/platform/store/database.ts';
import { migrate } from '../../../src/platform/store/migrations.ts';
import { lineRefusal } from '../../support/errors.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import type { Scope } from '../../support/temporary-folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const clock = createFakeClock();
const secret = randomBytes(121);
const never = () => assert.fail('made a secret that exists');

/** Starts on a folder as the server does, runs `use` with the key store, and stops. */
async function withKeyStore<T>(
  path: string,
  use: (keyStore: Awaited<ReturnType<typeof openKeyStore>>) => Promise<T>,
  masterKeyFile?: string,
): Promise<T> {
  const folder = await openDataFolder(path);
  const database = openDatabase(folder.file('gatehouse.db'));
  try {
    await migrate(database, keyStoreMigrations, clock);
    return await use(await openKeyStore({ database, folder, clock }, masterKeyFile));
  } finally {
    await database.close();
    folder.release();
  }
}

/** A folder with the secrets `a` and `b`. */
async function folderWithSecrets(scope: Scope, masterKeyFile?: string): Promise<string> {
  const path = temporaryFolder(scope);
  await withKeyStore(
    path,
    async (keyStore) => {
      await keyStore.loadOrCreate('a', () => secret);
      await keyStore.loadOrCreate('b', () => randomBytes(16));
    },
    masterKeyFile,
  );
  return path;
}

const load = (path: string, name: string, masterKeyFile?: string) =>
  withKeyStore(path, (keyStore) => keyStore.loadOrCreate(name, never), masterKeyFile);

function sql(path: string, statement: string, ...values: string[]) {
  const database = new DatabaseSync(join(path, 'gatehouse.db'));
  try {
    return database.prepare(statement).all(...values);
  } finally {
    database.close();
  }
}

test('a secret is created once, and is the same after a restart', async (t) => {
  const path = await folderWithSecrets(t);
  assert.deepEqual(Buffer.from(await load(path, 'a')), secret);
});

test('the master key is 32 random bytes in base64, in a file only for its owner (mode 0600)', async (t) => {
  const path = await folderWithSecrets(t);
  const file = join(path, 'master.key');
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.match(readFileSync(file, 'utf8'), /^[A-Za-z0-9+/]{43}=\n$/);
});

test('a sealed secret is a JWE with "dir" and A256GCM (RFC 7518 §4.5, §5.3); the database hides it', async (t) => {
  const path = await folderWithSecrets(t);
  const [row] = sql(path, "SELECT sealed FROM sealed_secrets WHERE name = 'a'");
  const { kid, ...header } = decodeProtectedHeader(String(row?.sealed));
  assert.deepEqual(header, { alg: 'dir', enc: 'A256GCM' });
  assert.match(String(kid), /^[A-Za-z0-9_-]{12}$/);
  for (const name of readdirSync(path)) {
    if (name !== 'master.key')
      assert.ok(!readFileSync(join(path, name)).includes(secret.subarray(0, 16)), name);
  }
});

test('refuses another master key, and names the secret that it does not open', async (t) => {
  const path = await folderWithSecrets(t);
  writeFileSync(join(path, 'master.key'), randomBytes(32).toString('base64'));
  await assert.rejects(
    load(path, 'a'),
    lineRefusal(
      'master_key_wrong',
      /does not open the sealed secret "[ab]": use the master key of this data folder\. If .* older copy: restore your newest backup\.$/,
    ),
  );
});

test('refuses to start without the master key when secrets exist, and creates no new one', async (t) => {
  const path = await folderWithSecrets(t);
  rmSync(join(path, 'master.key'));
  await assert.rejects(
    load(path, 'a'),
    lineRefusal('master_key_missing', /master\.key is missing, .* restore the key from your backup\.$/),
  );
  assert.ok(!existsSync(join(path, 'master.key')));
});

const damaged = {
  'a truncated file': 'c2hvcnQ=',
  'an empty file': '',
  'a file that is too long': randomBytes(33).toString('base64'),
  'text that is not base64': '*'.repeat(44),
  'base64 with other characters in it': `${randomBytes(32).toString('base64')}*`,
};

for (const [what, text] of Object.entries(damaged)) {
  test(`refuses ${what} as the master key, and says what it must contain`, async (t) => {
    const path = await folderWithSecrets(t);
    writeFileSync(join(path, 'master.key'), text);
    await assert.rejects(
      load(path, 'a'),
      lineRefusal('master_key_wrong', /master\.key must have 32 bytes in base64/),
    );
  });
}

test('says in words why the file of the master key cannot be read', async (t) => {
  const path = await folderWithSecrets(t);
  rmSync(join(path, 'master.key'));
  mkdirSync(join(path, 'master.key'));
  await assert.rejects(
    load(path, 'a'),
    lineRefusal(
      'master_key_wrong',
      /master\.key cannot be read: it is a folder\. Give it to the user of the server/,
    ),
  );
});

test('ignores a byte order mark before the master key, and refuses octets that are not UTF-8', async (t) => {
  const path = await folderWithSecrets(t);
  const file = join(path, 'master.key');
  const key = readFileSync(file, 'utf8');
  writeFileSync(file, `\ufeff${key}`);
  assert.deepEqual(Buffer.from(await load(path, 'a')), secret);
  writeFileSync(file, Buffer.from(`${key}\xe4`, 'latin1'));
  await assert.rejects(
    load(path, 'a'),
    lineRefusal('master_key_wrong', /master\.key is not text in UTF-8 \(at offset 45 /),
  );
});

test('a row that was moved to another name does not open', async (t) => {
  const path = await folderWithSecrets(t);
  sql(
    path,
    "UPDATE sealed_secrets SET sealed = (SELECT sealed FROM sealed_secrets WHERE name = 'a') WHERE name = 'b'",
  );
  await assert.rejects(load(path, 'b'), lineRefusal('master_key_wrong', /"b"/));
  assert.deepEqual(Buffer.from(await load(path, 'a')), secret);
});

test('a row that was altered does not open', async (t) => {
  const path = await folderWithSecrets(t);
  const [row] = sql(path, "SELECT sealed FROM sealed_secrets WHERE name = 'b'");
  const parts = String(row?.sealed).split('.');
  const ciphertext = parts[3] ?? '';
  parts[3] = (ciphertext.startsWith('A') ? 'B' : 'A') + ciphertext.slice(1);
  sql(path, "UPDATE sealed_secrets SET sealed = ? WHERE name = 'b'", parts.join('.'));
  await assert.rejects(load(path, 'b'), lineRefusal('master_key_wrong', /"b"/));
});

test('with GATEHOUSE_MASTER_KEY_FILE no key is created in the data folder', async (t) => {
  const file = join(temporaryFolder(t), 'key');
  writeFileSync(file, `${randomBytes(32).toString('base64')}\n`);
  const path = await folderWithSecrets(t, file);
  assert.ok(!existsSync(join(path, 'master.key')));
  assert.deepEqual(Buffer.from(await load(path, 'a', file)), secret);
  await assert.rejects(load(path, 'a'), lineRefusal('master_key_missing', /restore the key/));
});

test('the file that GATEHOUSE_MASTER_KEY_FILE names must exist; the error says how to create it', async (t) => {
  const path = temporaryFolder(t);
  const file = join(path, 'nowhere');
  await assert.rejects(
    load(path, 'a', file),
    lineRefusal('master_key_missing', /nowhere does not exist: create it with 'openssl rand -base64 32'/),
  );
  assert.ok(!existsSync(file));
});

test('derived keys are the same after a restart, differ by purpose, and are not stored', async (t) => {
  const path = await folderWithSecrets(t);
  const derive = (purpose: string) =>
    withKeyStore(path, async (keyStore) => Buffer.from(keyStore.derive(purpose)));
  const one = await derive('one');
  assert.equal(one.length, 32);
  assert.deepEqual(await derive('one'), one);
  assert.notDeepEqual(await derive('two'), one);
  for (const name of readdirSync(path)) assert.ok(!readFileSync(join(path, name)).includes(one), name);
});

test('several callers that create the same secret at once all get the stored one', async (t) => {
  const path = temporaryFolder(t);
  const made = await withKeyStore(path, (keyStore) =>
    Promise.all(Array.from({ length: 5 }, () => keyStore.loadOrCreate('a', () => randomBytes(16)))),
  );
  assert.equal(new Set(made.map((each) => Buffer.from(each).toString('hex'))).size, 1);
  assert.ok(made[0] && Buffer.from(await load(path, 'a')).equals(made[0]));
});

test('two first starts at once both use the master key that is in the folder', async (t) => {
  const folder = await openDataFolder(temporaryFolder(t));
  const database = openDatabase(folder.file('gatehouse.db'));
  try {
    await migrate(database, keyStoreMigrations, clock);
    const open = () => openKeyStore({ database, folder, clock }, undefined);
    const [first, second] = await Promise.all([open(), open()]);
    assert.deepEqual(first.derive('x'), second.derive('x'));
  } finally {
    await database.close();
    folder.release();
  }
});

test('a new master key seals every secret again, and the old one opens none of them', async (t) => {
  const path = await folderWithSecrets(t);
  const before = readFileSync(join(path, 'master.key'), 'utf8');
  await withKeyStore(path, async (keyStore) => {
    await keyStore.rotate();
    assert.deepEqual(Buffer.from((await keyStore.load('a')) ?? []), secret);
  });
  const after = readFileSync(join(path, 'master.key'), 'utf8');
  assert.match(after, /^[A-Za-z0-9+/]{43}=\n$/);
  assert.notEqual(after, before);
  assert.deepEqual(Buffer.from(await load(path, 'a')), secret);
  writeFileSync(join(path, 'master.key'), before);
  await assert.rejects(load(path, 'a'), lineRefusal('master_key_wrong', /does not open/));
});

test('an interrupted rotation continues at the next start, wherever it stopped', async (t) => {
  const path = await folderWithSecrets(t);
  const old = readFileSync(join(path, 'master.key'), 'utf8');
  const [untouched] = sql(path, "SELECT sealed FROM sealed_secrets WHERE name = 'b'");
  await withKeyStore(path, (keyStore) => keyStore.rotate());
  const rotated = readFileSync(join(path, 'master.key'), 'utf8');
  // The state in which only one of the two secrets was sealed again, and the file still has both keys.
  sql(path, "UPDATE sealed_secrets SET sealed = ? WHERE name = 'b'", String(untouched?.sealed));
  writeFileSync(join(path, 'master.key'), rotated + old);
  assert.deepEqual(Buffer.from(await load(path, 'a')), secret);
  assert.equal(readFileSync(join(path, 'master.key'), 'utf8'), rotated);
  const kids = sql(path, 'SELECT sealed FROM sealed_secrets').map(
    ({ sealed }) => decodeProtectedHeader(String(sealed)).kid,
  );
  assert.equal(new Set(kids).size, 1);
});

test('a secret that is sealed during a rotation can be opened after it', async (t) => {
  const path = await folderWithSecrets(t);
  const folder = await openDataFolder(path);
  const database = openDatabase(folder.file('gatehouse.db'));
  const keyStore = await openKeyStore({ database, folder, clock }, undefined);
  const store = await keyStore.seal('c', secret);
  await keyStore.rotate();
  await database.write(store);
  await database.close();
  folder.release();
  assert.deepEqual(Buffer.from(await load(path, 'c')), secret);
});

test('a master key in the file of an operator is replaced by the first line that they write', async (t) => {
  const file = join(temporaryFolder(t), 'elsewhere.key');
  const old = `${randomBytes(32).toString('base64')}\n`;
  writeFileSync(file, old);
  const path = await folderWithSecrets(t, file);
  await withKeyStore(
    path,
    async (keyStore) => {
      await assert.rejects(keyStore.rotate(), lineRefusal('conflict', /has no new master key/));
      const next = `${randomBytes(32).toString('base64')}\n`;
      writeFileSync(file, next);
      await assert.rejects(keyStore.rotate(), lineRefusal('conflict', /put it back below the new key/));
      writeFileSync(file, next + old);
      assert.equal((await keyStore.rotate()).fileToShorten, file);
      writeFileSync(file, next);
    },
    file,
  );
  assert.deepEqual(Buffer.from(await load(path, 'a', file)), secret);
});
