// A restore creates a complete data folder, or leaves the folder as it was.
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createAudit } from '../../src/audit/index.ts';
import { createArchive, readArchive } from '../../src/backup/archive.ts';
import { manifestText } from '../../src/backup/manifest.ts';
import { restoreInto } from '../../src/backup/restore.ts';
import type { TarEntry } from '../../src/backup/tar.ts';
import { tarEnd, tarFile } from '../../src/backup/tar.ts';
import type { DomainEvent } from '../../src/platform/feed/events.ts';
import { lineRefusal, refusal } from '../support/errors.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import type { TestStore } from '../support/store.ts';
import { createStore, openStore } from '../support/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const clock = createFakeClock();

const NOTE: DomainEvent = {
  type: 'notes.note_written',
  actor: { kind: 'user', name: 'alice' },
  outcome: 'success',
  subject: null,
  data: {},
};

async function createUsedStore(t: TestContext): Promise<TestStore> {
  const store = await createStore(t);
  createAudit({ ...store, headKey: store.keyStore.derive('audit-head') });
  await store.keyStore.loadOrCreate('test/secret', () => Buffer.from('a secret'));
  await store.database.write((tx) => store.events.publish(tx, NOTE));
  return store;
}

const archiveOf = ({ folder, keyStore }: TestStore) =>
  createArchive({ clock, folder, masterKeyFile: keyStore.masterKeyFile(), version: '1.2.3' });

type Files = Record<string, Buffer>;

async function unpacked(store: TestStore): Promise<Files> {
  const files: Files = {};
  const manifest = await readArchive(archiveOf(store), async ({ name, content }: TarEntry) => {
    files[name] = Buffer.concat(await Array.fromAsync(content));
  });
  const { format: _format, version: _version, ...facts } = manifest;
  return { 'manifest.json': Buffer.from(manifestText(facts)), ...files };
}

async function* packed(files: Files): AsyncGenerator<Uint8Array> {
  for (const [name, content] of Object.entries(files))
    yield* tarFile({ name, size: content.length, modifiedAt: 0 }, [content]);
  yield tarEnd();
}

test('a restored folder has the database, the master key and the first password, and a witness that says so', async (t) => {
  const store = await createUsedStore(t);
  store.folder.write('admin-password', 'first\n');
  const target = join(temporaryFolder(t), 'a', 'b');
  const manifest = await restoreInto(target, archiveOf(store), clock);
  assert.equal(manifest.gatehouse, '1.2.3');
  assert.equal(manifest.ledger.seq, 1);
  assert.deepEqual(readdirSync(target).sort(), [
    'admin-password',
    'gatehouse.db',
    'ledger-head.json',
    'lock',
    'master.key',
  ]);
  const at = new Date(clock.now()).toISOString();
  assert.deepEqual(JSON.parse(readFileSync(join(target, 'ledger-head.json'), 'utf8')), {
    ...manifest.ledger,
    restored: { backupOf: at, at },
  });
  const restored = await openStore(target);
  t.after(() => restored.close());
  assert.equal(Buffer.from((await restored.keyStore.load('test/secret')) ?? []).toString(), 'a secret');
});

test('an archive has one state of the database, even if the server writes while it is read', async (t) => {
  const store = await createUsedStore(t);
  const archive = archiveOf(store);
  const first = await archive.next();
  for (let count = 0; count < 5; count += 1)
    await store.database.write((tx) => store.events.publish(tx, NOTE));
  async function* all() {
    if (!first.done) yield first.value;
    yield* archive;
  }
  const { ledger } = await restoreInto(join(temporaryFolder(t), 'data'), all(), clock);
  assert.equal(ledger.seq, 1);
});

test('removes the copy of the database, also if the reader stops in the middle', async (t) => {
  const store = await createUsedStore(t);
  const archive = archiveOf(store);
  await archive.next();
  await archive.return(undefined);
  await Array.fromAsync(archiveOf(store));
  assert.deepEqual(
    readdirSync(store.folder.path).filter((name) => name.startsWith('backup-')),
    [],
  );
});

test('refuses a folder with the data of a server, and one with other files, and changes nothing there', async (t) => {
  const store = await createUsedStore(t);
  const files = await unpacked(store);
  const target = temporaryFolder(t);
  for (const [name, words] of Object.entries({
    'master.key': /has a server's data/,
    'ledger-head.json': /has a server's data/,
    'notes.txt': /has other files \(notes\.txt\)/,
  })) {
    const folder = join(target, name);
    mkdirSync(folder);
    writeFileSync(join(folder, name), 'mine');
    chmodSync(folder, 0o755);
    await assert.rejects(
      restoreInto(folder, packed(files), clock),
      lineRefusal('data_folder_occupied', words),
    );
    assert.deepEqual([readdirSync(folder), statSync(folder).mode & 0o777], [[name], 0o755]);
  }
  await assert.rejects(
    restoreInto(store.folder.path, packed(files), clock),
    lineRefusal('data_folder_locked', /Another Gatehouse is running/),
  );
});

test('uses a folder that has only lost+found, as the root of a volume', async (t) => {
  const files = await unpacked(await createUsedStore(t));
  const target = temporaryFolder(t);
  mkdirSync(join(target, 'lost+found'));
  await restoreInto(target, packed(files), clock);
  assert.ok(existsSync(join(target, 'gatehouse.db')));
});

test('a restore that was killed can be repeated', async (t) => {
  const files = await unpacked(await createUsedStore(t));
  const target = temporaryFolder(t);
  mkdirSync(join(target, 'restoring.tmp'));
  writeFileSync(join(target, 'restoring.tmp', 'gatehouse.db'), 'half');
  writeFileSync(join(target, 'master.key'), 'moved already');
  await restoreInto(target, packed(files), clock);
  assert.notEqual(readFileSync(join(target, 'master.key'), 'utf8'), 'moved already');
  assert.ok(!existsSync(join(target, 'restoring.tmp')));
});

const ALTERATIONS: Record<string, (files: Files) => Files> = {
  'the database': ({ 'gatehouse.db': _gone, ...rest }) => rest,
  'the master key': ({ 'master.key': _gone, ...rest }) => rest,
  'its description': ({ 'manifest.json': _gone, ...rest }) => rest,
};

for (const [what, without] of Object.entries(ALTERATIONS)) {
  test(`a backup without ${what} is refused, and nothing is left of it`, async (t) => {
    const files = without(await unpacked(await createUsedStore(t)));
    const target = join(temporaryFolder(t), 'new', 'data');
    await assert.rejects(restoreInto(target, packed(files), clock), refusal('backup_unreadable', /./));
    assert.ok(!existsSync(join(target, '..')));
  });
}

test('a backup with an unknown file, one file twice, or of a newer version is refused', async (t) => {
  const files = await unpacked(await createUsedStore(t));
  const target = join(temporaryFolder(t), 'data');
  const refused = (octets: AsyncIterable<Uint8Array>, words: RegExp) =>
    assert.rejects(restoreInto(target, octets, clock), refusal('backup_unreadable', words));
  await refused(packed({ ...files, 'new.key': Buffer.from('x') }), /new\.key.*newer version/);
  const newer = Buffer.from(String(files['manifest.json']).replace('"version":1', '"version":2'));
  await refused(packed({ ...files, 'manifest.json': newer }), /newer Gatehouse/);
  async function* twice() {
    for await (const octets of packed({ ...files })) if (octets.length !== 1024) yield octets;
    yield* packed({ 'master.key': Buffer.from('x') });
  }
  await refused(twice(), /master\.key/);
  assert.ok(!existsSync(target));
});

test('a backup whose database is damaged, or is another than it says, is refused', async (t) => {
  const store = await createUsedStore(t);
  const files = await unpacked(store);
  const target = join(temporaryFolder(t), 'data');
  const other = Buffer.from(String(files['manifest.json']).replace('"seq":1', '"seq":2'));
  await assert.rejects(
    restoreInto(target, packed({ ...files, 'manifest.json': other }), clock),
    refusal('backup_unreadable', /another database than its manifest says/),
  );
  const database = Buffer.from(files['gatehouse.db'] ?? []);
  database.fill(0x55, 4096 * 2, 4096 * 3);
  await assert.rejects(
    restoreInto(target, packed({ ...files, 'gatehouse.db': database }), clock),
    refusal('backup_unreadable', /has a damaged database/),
  );
  assert.ok(!existsSync(target));
});
