// The head of the ledger is also in files outside the database: an older copy of the database is refused
// until the operator accepts it, and the ledger records that.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { openAudit } from '../../src/audit/index.ts';
import { createAuditStore } from '../../src/audit/store.ts';
import type { DomainEvent } from '../../src/platform/feed/events.ts';
import { lineRefusal, refusal } from '../support/errors.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { openStore } from '../support/store.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface OpenOptions {
  witness?: string;
  acceptRollback?: boolean;
}

/**
 * A folder, and a function that runs one server's life on it: its ledger opens, records some notes, and
 * closes.
 */
function setUp(t: TestContext) {
  const data = join(temporaryFolder(t), 'data');
  const file = (name: string) => join(data, name);
  async function live(notes: number, { witness, acceptRollback = false }: OpenOptions = {}) {
    const store = await openStore(data);
    const memory = createMemoryLog();
    try {
      const headKey = store.keyStore.derive('audit-head');
      const audit = await openAudit({ ...store, log: memory.log, headKey, acceptRollback }, { witness });
      await audit.start?.();
      for (let count = 0; count < notes; count += 1)
        await store.database.write((tx) => store.events.publish(tx, note));
      await audit.close?.();
      const rows = await createAuditStore(store.database).after(0, 1000);
      return { rows, types: rows.map(({ type }) => type), lines: memory.lines() };
    } finally {
      await store.close();
    }
  }
  const witness = (path = file('ledger-head.json')) => JSON.parse(readFileSync(path, 'utf8'));
  return { data, file, live, witness };
}

const note: DomainEvent = {
  type: 'notes.note_written',
  actor: { kind: 'user', name: 'alice' },
  outcome: 'success',
  subject: null,
  data: {},
};

const older = (words: RegExp) => lineRefusal('ledger_rolled_back', words);

test('after a stop, the witness has the head of the ledger', async (t) => {
  const { live, witness } = setUp(t);
  const { rows } = await live(3);
  const { seq, hash } = rows.at(-1) ?? {};
  assert.deepEqual(witness(), { seq, hash });
  assert.equal(seq, 3);
});

test('continues an earlier ledger, and one whose witness is behind, as after a loss of power', async (t) => {
  const { file, live } = setUp(t);
  await live(2);
  const behind = readFileSync(file('ledger-head.json'));
  await live(3);
  writeFileSync(file('ledger-head.json'), behind);
  const { types } = await live(1);
  assert.deepEqual(types, Array(6).fill('notes.note_written'));
});

test('refuses a database that ends before its witness, and names both', async (t) => {
  const { file, live } = setUp(t);
  await live(2);
  copyFileSync(file('gatehouse.db'), file('old.db'));
  await live(3);
  copyFileSync(file('old.db'), file('gatehouse.db'));
  await assert.rejects(live(0), older(/ends at entry 2, but its witness has entry 5 .*--accept-rollback/));
  await assert.rejects(live(0), older(/./), 'a refusal changes nothing');
});

test('with the option it starts, records both heads, and the next start needs no option', async (t) => {
  const { file, live, witness } = setUp(t);
  await live(2);
  copyFileSync(file('gatehouse.db'), file('old.db'));
  await live(3);
  const { seq, hash } = witness();
  copyFileSync(file('old.db'), file('gatehouse.db'));
  const { rows } = await live(0, { acceptRollback: true });
  const accepted = rows.at(-1);
  assert.equal(accepted?.type, 'audit.rollback_accepted');
  const reason = 'the ledger ends at entry 2, but its witness has entry 5';
  assert.deepEqual(JSON.parse(accepted?.data ?? ''), {
    seq: 2,
    hash: rows.at(1)?.hash,
    because: [{ path: file('ledger-head.json'), reason, seq, hash }],
  });
  assert.equal((await live(1)).rows.length, 4);
});

test('refuses an older copy that grew beyond its witness, because it has another entry at that number', async (t) => {
  const { file, live } = setUp(t);
  await live(2);
  copyFileSync(file('gatehouse.db'), file('old.db'));
  await live(1);
  copyFileSync(file('ledger-head.json'), file('newer'));
  copyFileSync(file('old.db'), file('gatehouse.db'));
  await live(4, { acceptRollback: true });
  copyFileSync(file('newer'), file('ledger-head.json'));
  await assert.rejects(live(0), older(/the witness of the ledger has another entry 3/));
});

test('refuses a database without its witness, because it may be an older copy', async (t) => {
  const { file, live } = setUp(t);
  await live(2);
  rmSync(file('ledger-head.json'));
  await assert.rejects(live(0), older(/the witness of the ledger is missing/));
  const { types } = await live(0, { acceptRollback: true });
  assert.equal(types.at(-1), 'audit.rollback_accepted');
});

test('refuses the file of the database without its write-ahead log, from the first start on', async (t) => {
  const { data, file, live } = setUp(t);
  const store = await openStore(data);
  const options = { ...store, log: createMemoryLog().log, headKey: store.keyStore.derive('audit-head') };
  await openAudit({ ...options, acceptRollback: false }, {});
  await store.database.write((tx) => store.events.publish(tx, note));
  copyFileSync(file('gatehouse.db'), file('copy.db'));
  await store.close();
  for (const name of ['gatehouse.db', 'ledger-head.json']) rmSync(file(name));
  copyFileSync(file('copy.db'), file('gatehouse.db'));
  await assert.rejects(live(0), older(/the witness of the ledger is missing/));
});

test('a witness that cannot be read is refused like a missing one', async (t) => {
  const { file, live } = setUp(t);
  await live(1);
  for (const content of ['', '{"seq":1}', '{"seq":-1,"hash":"00"}', '[]']) {
    writeFileSync(file('ledger-head.json'), content);
    await assert.rejects(live(0), older(/the witness of the ledger cannot be read/));
  }
});

test('a ledger that was written before there were witnesses gets one', async (t) => {
  const { file, live, witness } = setUp(t);
  await live(2);
  rmSync(file('ledger-head.json'));
  const database = new DatabaseSync(file('gatehouse.db'));
  database.exec('DELETE FROM audit_witnesses');
  database.close();
  await live(0);
  assert.equal(witness().seq, 2);
});

test('warns about an option that is not needed, and records nothing', async (t) => {
  const { live } = setUp(t);
  await live(1);
  const { rows, lines } = await live(0, { acceptRollback: true });
  assert.equal(rows.length, 1);
  assert.ok(lines.some(({ message }) => String(message).includes('--accept-rollback was not needed')));
});

test('a restored backup is recorded once, and needs no option', async (t) => {
  const { file, live, witness } = setUp(t);
  await live(2);
  const restored = { backupOf: '2026-01-01T00:00:00.000Z', at: '2026-01-02T00:00:00.000Z' };
  const { seq, hash } = witness();
  writeFileSync(file('ledger-head.json'), JSON.stringify({ seq, hash, restored }));
  const { rows } = await live(1);
  assert.deepEqual(
    rows.slice(2).map(({ type, data }) => ({ type, data: JSON.parse(data) })),
    [
      { type: 'audit.backup_restored', data: { seq, hash, ...restored } },
      { type: 'notes.note_written', data: {} },
    ],
  );
  assert.equal((await live(0)).rows.length, 4);
  assert.equal(witness().restored, undefined);
});

test('a restore that was recorded by a server that was killed at once is not recorded again', async (t) => {
  const { file, live, witness } = setUp(t);
  await live(2);
  const restored = { backupOf: '2026-01-01T00:00:00.000Z', at: '2026-01-02T00:00:00.000Z' };
  const { seq, hash } = witness();
  const marked = JSON.stringify({ seq, hash, restored });
  writeFileSync(file('ledger-head.json'), marked);
  await live(0);
  writeFileSync(file('ledger-head.json'), marked);
  assert.equal((await live(0)).types.filter((type) => type === 'audit.backup_restored').length, 1);
});

test('a second witness elsewhere notices that the whole data folder is an older copy', async (t) => {
  const { data, file, live, witness } = setUp(t);
  const elsewhere = join(temporaryFolder(t), 'head');
  await live(2, { witness: elsewhere });
  copyFileSync(file('gatehouse.db'), file('old.db'));
  copyFileSync(file('ledger-head.json'), file('old.json'));
  await live(3, { witness: elsewhere });
  assert.deepEqual(witness(elsewhere), witness());
  copyFileSync(file('old.db'), file('gatehouse.db'));
  copyFileSync(file('old.json'), file('ledger-head.json'));
  await assert.rejects(
    live(0, { witness: elsewhere }),
    older(/ends at entry 2, .* has entry 5 \(.*\/head\)/),
  );
  rmSync(data, { recursive: true });
  mkdirSync(data, { mode: 0o700 });
  await assert.rejects(
    live(0, { witness: elsewhere }),
    older(/the ledger is empty, but its witness has entry 5/),
  );
});

test('refuses when the second witness is gone, unless a backup was restored', async (t) => {
  const { file, live, witness } = setUp(t);
  const elsewhere = join(temporaryFolder(t), 'head');
  await live(2, { witness: elsewhere });
  rmSync(elsewhere);
  await assert.rejects(live(0, { witness: elsewhere }), older(/the witness of the ledger is missing/));
  const at = '2026-01-02T00:00:00.000Z';
  writeFileSync(file('ledger-head.json'), JSON.stringify({ ...witness(), restored: { backupOf: at, at } }));
  await live(0, { witness: elsewhere });
  assert.ok(existsSync(elsewhere));
});

test('a second witness that cannot be written is refused, with the setting', async (t) => {
  const { live } = setUp(t);
  await assert.rejects(
    live(0, { witness: '/proc/none/head' }),
    refusal('config_invalid', /^Setting audit\.witness is not valid: \/proc\/none\/head cannot be written/),
  );
});
