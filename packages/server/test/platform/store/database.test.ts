// The store: the guarantees for acts, and the effects of failed ones.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { sql } from 'kysely';
import type { DomainEvent } from '../../../src/platform/feed/events.ts';
import type { Connection, Database, Tx } from '../../../src/platform/store/database.ts';
import { openDatabase } from '../../../src/platform/store/database.ts';
import { refusal } from '../../support/errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

type Tables = {
  notes: { id: number; text: string };
  remarks: { id: number; note: number };
};

async function openNotes(t: TestContext): Promise<{ database: Database; path: string }> {
  const path = join(temporaryFolder(t), 'test.db');
  const database = openDatabase(path);
  t.after(() => database.close());
  await database.write((tx) => sql`CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)`.execute(tx));
  return { database, path };
}

function insert(tx: Tx, id: number, text = ''): Promise<unknown> {
  return tx.withTables<Tables>().insertInto('notes').values({ id, text }).execute();
}

async function ids(connection: Connection): Promise<number[]> {
  const rows = await connection.withTables<Tables>().selectFrom('notes').select('id').orderBy('id').execute();
  return rows.map((row) => row.id);
}

async function pragma(connection: Connection, name: string): Promise<unknown> {
  const { rows } = await sql.raw<Record<string, unknown>>(`PRAGMA ${name}`).execute(connection);
  return Object.values(rows[0] ?? {})[0];
}

test('writes through WAL with synchronous=FULL, so that acknowledged acts survive a power cut', async (t) => {
  const { database } = await openNotes(t);
  const FULL = 2;
  assert.equal(await database.write((tx) => pragma(tx, 'synchronous')), FULL);
  assert.equal(await database.write((tx) => pragma(tx, 'journal_mode')), 'wal');
  assert.equal(await database.write((tx) => pragma(tx, 'foreign_keys')), 1);
  assert.equal(await database.write((tx) => pragma(tx, 'trusted_schema')), 0);
});

test('resolves a write, with the value of the act, only when another connection can read it', async (t) => {
  const { database, path } = await openNotes(t);
  const result = await database.write(async (tx) => {
    await insert(tx, 1);
    return 'done';
  });
  const stranger = new DatabaseSync(path, { readOnly: true });
  t.after(() => stranger.close());
  assert.equal(result, 'done');
  assert.equal(stranger.prepare('SELECT count(*) AS n FROM notes').get()?.n, 1);
});

test('reads see only committed data, while the act itself sees its own writes', async (t) => {
  const { database } = await openNotes(t);
  const seen = await database.write(async (tx) => {
    await insert(tx, 1);
    return { inside: await ids(tx), outside: await ids(database.read) };
  });
  assert.deepEqual(seen, { inside: [1], outside: [] });
  assert.deepEqual(await ids(database.read), [1]);
});

test('acts that arrive together share one commit', async (t) => {
  const { database } = await openNotes(t);
  const [, second] = await Promise.all([
    database.write((tx) => insert(tx, 1)),
    // If the first had its own commit, a reader would see it now.
    database.write(async (tx) => ({ inside: await ids(tx), outside: await ids(database.read) })),
  ]);
  assert.deepEqual(second, { inside: [1], outside: [] });
});

test('a failed act changes nothing, and the others of the same commit are stored', async (t) => {
  const { database } = await openNotes(t);
  const own = new Error('of its own');
  const results = await Promise.allSettled([
    database.write((tx) => insert(tx, 1)),
    database.write(async (tx) => {
      await insert(tx, 2);
      throw own;
    }),
    database.write(async (tx) => {
      await insert(tx, 3);
      await insert(tx, 1);
    }),
    database.write((tx) => insert(tx, 4)),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
  );
  assert.equal(results[1]?.status === 'rejected' && results[1].reason, own);
  assert.deepEqual(await ids(database.read), [1, 4]);
});

const noted = (id: number): DomainEvent => ({
  type: 'notes.note_written',
  actor: { kind: 'system', name: 'gatehouse' },
  outcome: 'success',
  subject: String(id),
  data: {},
});

/** Writes a note and publishes an event about it. */
async function note(tx: Tx, id: number): Promise<void> {
  await insert(tx, id);
  tx.publish(noted(id));
}

const subjects = (events: readonly DomainEvent[]) => events.map(({ subject }) => subject).join(' ');

/** Records the events of each commit. */
function followCommits(database: Database) {
  const commits: string[] = [];
  let seq = 0;
  database.recordIn({
    async append(_tx, events) {
      commits.push(subjects(events));
      return events.map((event) => {
        seq += 1;
        return { ...event, seq };
      });
    },
    lastSeq: async () => seq,
  });
  return commits;
}

test('the journal gets the events of each commit once, without those of acts that failed', async (t) => {
  const { database } = await openNotes(t);
  const commits = followCommits(database);
  await Promise.allSettled([
    database.write((tx) => note(tx, 1)),
    database.write(async (tx) => {
      await note(tx, 2);
      throw new Error('after all');
    }),
    database.write((tx) => note(tx, 3)),
  ]);
  assert.deepEqual(commits, ['1 3']);
  assert.deepEqual(await ids(database.read), [1, 3]);
});

test('a hook before the commit sees the events of its acts, and writes and publishes with them', async (t) => {
  const { database } = await openNotes(t);
  const commits = followCommits(database);
  database.beforeCommit(async (tx, events) => {
    const [last] = events.slice(-1);
    await note(tx, Number(last?.subject) + 1000);
  });
  await Promise.all([1, 2].map((id) => database.write((tx) => note(tx, id))));
  assert.deepEqual(commits, ['1 2 1002']);
  assert.deepEqual(await ids(database.read), [1, 2, 1002]);
});

test('a hook or journal that cannot write undoes every act of the commit', async (t) => {
  const { database } = await openNotes(t);
  followCommits(database);
  database.beforeCommit((tx) => insert(tx, 1002).then(() => {}));
  const followed: number[] = [];
  const results = await Promise.allSettled([
    database.write(async (tx) => {
      tx.afterCommit(() => void followed.push(1));
      await note(tx, 1);
    }),
    database.write((tx) => note(tx, 1002)),
  ]);
  for (const result of results) {
    assert.equal(result.status === 'rejected' && result.reason.code, 'conflict');
  }
  assert.deepEqual(await ids(database.read), []);
  assert.deepEqual(followed, []);
});

test('afterCommit runs in the order of the acts, before their answers, and not for a failed act', async (t) => {
  const { database } = await openNotes(t);
  const order: string[] = [];
  const act = (id: number, failure?: Error) =>
    database
      .write(async (tx) => {
        tx.afterCommit(() => void order.push(`follow ${id}`));
        await insert(tx, id);
        if (failure) throw failure;
      })
      .then(
        () => order.push(`answer ${id}`),
        () => order.push(`refuse ${id}`),
      );
  await Promise.all([act(1), act(2, new Error('of its own')), act(3)]);
  assert.deepEqual(order, ['refuse 2', 'follow 1', 'follow 3', 'answer 1', 'answer 3']);
});

test('an act is answered when its follower has reached its events, and the next commit does not wait', async (t) => {
  const { database } = await openNotes(t);
  followCommits(database);
  const held: (() => void)[] = [];
  database.followWith({
    committed: () => new Promise((resolve) => held.push(resolve)),
  });
  const answered: number[] = [];
  const act = (id: number) => database.write((tx) => note(tx, id)).then(() => void answered.push(id));
  const first = act(1);
  while (held.length < 1) await new Promise((resolve) => setImmediate(resolve));
  const second = act(2);
  while (held.length < 2) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(answered, []);
  assert.deepEqual(await ids(database.read), [1, 2]);
  held[1]?.();
  await second;
  held[0]?.();
  await first;
  assert.deepEqual(answered, [2, 1]);
});

test('a snapshot shows one state, even if more is committed meanwhile', async (t) => {
  const { database } = await openNotes(t);
  await database.write((tx) => insert(tx, 1));
  const seen = await database.snapshot(async (connection) => {
    const before = await ids(connection);
    await database.write((tx) => insert(tx, 2));
    return [before, await ids(connection)];
  });
  assert.deepEqual(seen, [[1], [1]]);
  assert.deepEqual(await ids(database.read), [1, 2]);
});

test('refuses an event without a ledger, because it would not be recorded', async (t) => {
  const { database } = await openNotes(t);
  await assert.rejects(
    database.write((tx) => note(tx, 1)),
    /before there is a ledger/,
  );
});

test('acts that follow each other closely share one commit', async (t) => {
  const { database } = await openNotes(t);
  const commits = followCommits(database);
  const late = new Promise((resolve) => setImmediate(resolve)).then(() =>
    database.write((tx) => note(tx, 2)),
  );
  await Promise.all([database.write((tx) => note(tx, 1)), late]);
  assert.deepEqual(commits, ['1 2']);
});

test('a commit waits a moment for as many acts as the last one had, and no longer', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { database } = await openNotes(t);
  const commits = followCommits(database);
  const turns = async (count: number) => {
    for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  await Promise.all([1, 2].map((id) => database.write((tx) => note(tx, id))));
  const early = database.write((tx) => note(tx, 3));
  await turns(10);
  await Promise.all([early, database.write((tx) => note(tx, 4))]);
  const alone = database.write((tx) => note(tx, 5));
  await turns(10);
  const beforeTheMoment = commits.length;
  t.mock.timers.tick(1);
  await alone;
  await database.write((tx) => note(tx, 6));
  assert.deepEqual(commits, ['1 2', '3 4', '5', '6']);
  assert.equal(beforeTheMoment, 2);
});

test('five hundred concurrent writes run one after the other and all succeed', async (t) => {
  const { database } = await openNotes(t);
  await database.write((tx) => insert(tx, 0, '0'));
  const count = async (tx: Tx) => {
    const notes = tx.withTables<Tables>();
    const { text } = await notes.selectFrom('notes').select('text').executeTakeFirstOrThrow();
    await notes
      .updateTable('notes')
      .set({ text: String(Number(text) + 1) })
      .execute();
  };
  await Promise.all(Array.from({ length: 500 }, () => database.write(count)));
  const row = await database.read.withTables<Tables>().selectFrom('notes').select('text').executeTakeFirst();
  assert.equal(row?.text, '500');
});

test('acts that follow each other without a pause do not block the event loop', async (t) => {
  const { database } = await openNotes(t);
  let others = 0;
  const timer = setInterval(() => {
    others += 1;
  }, 1);
  t.after(() => clearInterval(timer));
  let id = 0;
  for (; others < 3 && id < 10_000; id += 1) await database.write((tx) => insert(tx, id));
  assert.equal(others, 3, `nothing else ran during ${id} acts`);
});

test('a violated constraint is a conflict; the error does not contain the statement', async (t) => {
  const { database } = await openNotes(t);
  await database.write((tx) => insert(tx, 1));
  const again = database.write((tx) => insert(tx, 1));
  await assert.rejects(again, refusal('conflict', /^It conflicts with stored data\.$/));
});

test('foreign keys are enforced', async (t) => {
  const { database } = await openNotes(t);
  await database.write((tx) =>
    sql`CREATE TABLE remarks (id INTEGER PRIMARY KEY, note INTEGER REFERENCES notes(id))`.execute(tx),
  );
  const orphan = database.write((tx) =>
    tx.withTables<Tables>().insertInto('remarks').values({ id: 1, note: 99 }).execute(),
  );
  await assert.rejects(orphan, refusal('conflict'));
});

test('any other failure of SQLite is store_failed', async (t) => {
  const { database } = await openNotes(t);
  await assert.rejects(
    database.write((tx) => sql`SELECT * FROM nowhere`.execute(tx)),
    refusal('store_failed', /no such table: nowhere\. Check the disk, then try again\.$/),
  );
});

test('a file that is not a database is refused with store_failed', (t) => {
  const path = join(temporaryFolder(t), 'test.db');
  writeFileSync(path, 'not a database, and long enough to be looked at as one'.repeat(20));
  assert.throws(
    () => openDatabase(path),
    refusal('store_failed', /is damaged \(file is not a database\): restore it from your backup\.$/),
  );
});

test('refuses a file that this user may not open, and says what to do', (t) => {
  assert.throws(
    () => openDatabase(temporaryFolder(t)),
    refusal(
      'store_failed',
      /^This user may not write to the database \(.*give this user gatehouse\.db and the files/,
    ),
  );
});

test('on a full disk, an act fails with store_full, committed data stay, and writing works again with free space', async (t) => {
  const { database } = await openNotes(t);
  await database.write((tx) => insert(tx, 1));
  const limit = (pages: number) => database.write((tx) => pragma(tx, `max_page_count=${pages}`));
  await limit(1);
  const large = 'x'.repeat(100_000);
  assert.equal(database.activity.isFailing, false);
  const results = await Promise.allSettled([2, 3].map((id) => database.write((tx) => insert(tx, id, large))));
  assert.equal(database.activity.isFailing, true);
  for (const result of results) {
    assert.ok(result.status === 'rejected');
    refusal('store_full', /free space/)(result.reason);
  }
  assert.deepEqual(await ids(database.read), [1]);

  await limit(1_000_000);
  await database.write((tx) => insert(tx, 2, large));
  assert.equal(database.activity.isFailing, false);
  assert.deepEqual(await ids(database.read), [1, 2]);
  assert.equal(await pragma(database.read, 'integrity_check'), 'ok');
});

test('if SQLite ends the transaction itself, every act of that commit fails', async (t) => {
  const { database } = await openNotes(t);
  const results = await Promise.allSettled([
    database.write((tx) => insert(tx, 1)),
    database.write(async (tx) => {
      await insert(tx, 2);
      // SQLite does this when the disk is full (sqlite.org/lang_transaction.html §3).
      await sql`ROLLBACK`.execute(tx);
      await sql`SELECT * FROM nowhere`.execute(tx);
    }),
    database.write((tx) => insert(tx, 3)),
  ]);
  for (const result of results) {
    assert.ok(result.status === 'rejected');
    refusal('store_failed')(result.reason);
  }
  assert.deepEqual(await ids(database.read), []);
  await database.write((tx) => insert(tx, 4));
  assert.deepEqual(await ids(database.read), [4]);
});

test('close waits for the accepted acts, then refuses others', async (t) => {
  const { database, path } = await openNotes(t);
  const writes = Array.from({ length: 20 }, (_, id) => database.write((tx) => insert(tx, id)));
  const closed = database.close();
  await assert.rejects(
    database.write((tx) => insert(tx, 99)),
    refusal('unavailable'),
  );
  await Promise.all([...writes, closed]);
  const stranger = new DatabaseSync(path, { readOnly: true });
  t.after(() => stranger.close());
  assert.equal(stranger.prepare('SELECT count(*) AS n FROM notes').get()?.n, 20);
});
