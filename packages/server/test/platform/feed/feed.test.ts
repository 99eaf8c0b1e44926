// The change feed: projections are built from one state and advanced by commits, before the acts are
// answered.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { SectionChange } from '@gatehouse/access';
import { sql } from 'kysely';
import type { CommittedEvent, DomainEvent } from '../../../src/platform/feed/events.ts';
import type { Projection } from '../../../src/platform/feed/feed.ts';
import { createProjectedCache } from '../../../src/platform/feed/projected-cache.ts';
import {
  createDerivedSection,
  createOwnSection,
  createTableSection,
} from '../../../src/platform/feed/section.ts';
import type { Connection, Tx } from '../../../src/platform/store/database.ts';
import { createStore } from '../../support/store.ts';

type Tables = { notes: { id: string; text: string } };

const noted = (id: string): DomainEvent => ({
  type: 'notes.note_written',
  actor: { kind: 'system', name: 'gatehouse' },
  outcome: 'success',
  subject: id,
  data: {},
});

async function setUp(t: TestContext) {
  const store = await createStore(t);
  const { database, events, feed } = store;
  await database.write((tx) => sql`CREATE TABLE notes (id TEXT PRIMARY KEY, text TEXT NOT NULL)`.execute(tx));
  async function put(tx: Tx, id: string, text: string): Promise<void> {
    const notes = tx.withTables<Tables>();
    await notes
      .insertInto('notes')
      .values({ id, text })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ text }))
      .execute();
    await events.publish(tx, noted(id));
  }
  async function remove(tx: Tx, id: string): Promise<void> {
    await tx.withTables<Tables>().deleteFrom('notes').where('id', '=', id).execute();
    await events.publish(tx, noted(id));
  }
  const section = createTableSection<string>(database, {
    name: 'notes',
    touches: ({ subject }) => (subject === null ? [] : [subject]),
    row: readNote,
    page: async (connection, after, limit) => {
      const rows = await connection
        .withTables<Tables>()
        .selectFrom('notes')
        .selectAll()
        .where('id', '>', after)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(({ id, text }) => [id, text]);
    },
  });
  return { ...store, database, events, feed, section, put, remove };
}

async function readNote(connection: Connection, id: string): Promise<string | undefined> {
  const row = await connection
    .withTables<Tables>()
    .selectFrom('notes')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.text;
}

function recorder(name: string, seen: string[]): Projection {
  return {
    name,
    build: async () => void seen.push(`${name} built`),
    advance: (events) => void seen.push(`${name} ${events.map(({ subject, seq }) => `${subject}@${seq}`)}`),
  };
}

test('every projection has advanced, in the order in which they were added, before the act is answered', async (t) => {
  const { database, feed, put } = await setUp(t);
  const seen: string[] = [];
  await feed.project(recorder('first', seen));
  await feed.project(recorder('second', seen));
  await Promise.all(['a', 'b'].map((id) => database.write((tx) => put(tx, id, ''))));
  seen.push('answered');
  assert.deepEqual(seen, ['first built', 'second built', 'first a@1,b@2', 'second a@1,b@2', 'answered']);
  assert.equal(feed.seq, 2);
});

test('an act that failed reaches no projection', async (t) => {
  const { database, feed, put } = await setUp(t);
  const seen: string[] = [];
  await feed.project(recorder('one', seen));
  const undone = database.write(async (tx) => {
    await put(tx, 'undone', '');
    throw new Error('after all');
  });
  await Promise.allSettled([undone, database.write((tx) => put(tx, 'done', ''))]);
  assert.deepEqual(seen, ['one built', 'one done@1']);
});

test('a projection that is added late does not get the events that it was built from', async (t) => {
  const { database, feed, put } = await setUp(t);
  const seen: string[] = [];
  const writes = ['a', 'b', 'c'].map((id) => database.write((tx) => put(tx, id, '')));
  await Promise.all(writes);
  await feed.project(recorder('late', seen));
  await database.write((tx) => put(tx, 'd', ''));
  assert.deepEqual(seen, ['late built', 'late d@4']);
});

test('a projection that fails to advance is built again, and the act is answered', async (t) => {
  const { database, feed, put } = await setUp(t);
  const held = new Map<string, string>();
  let isBroken = false;
  await feed.project({
    name: 'fragile',
    async build(connection) {
      held.clear();
      for (const id of ['a', 'b']) held.set(id, String(await readNote(connection, id)));
    },
    advance() {
      if (isBroken) throw new Error('cannot follow');
    },
  });
  isBroken = true;
  await database.write((tx) => put(tx, 'a', 'written'));
  assert.equal(held.get('a'), 'written');
});

test('a projection that cannot be built again fails the act; the next commit builds it, so it misses nothing', async (t) => {
  const { database, feed, put } = await setUp(t);
  const seen: string[] = [];
  let isBroken = false;
  await feed.project({
    name: 'fragile',
    async build() {
      if (isBroken) throw new Error('cannot be read');
      seen.push('fragile built');
    },
    advance(events) {
      if (isBroken) throw new Error('cannot follow');
      seen.push(`fragile ${events.map(({ subject }) => subject)}`);
    },
  });
  await feed.project(recorder('sound', seen));
  isBroken = true;
  await assert.rejects(
    database.write((tx) => put(tx, 'a', '')),
    /cannot be read/,
  );
  isBroken = false;
  await database.write((tx) => put(tx, 'b', ''));
  await database.write((tx) => put(tx, 'c', ''));
  assert.deepEqual(seen, [
    ...['fragile built', 'sound built', 'sound a@1'],
    ...['fragile built', 'sound b@2', 'fragile c', 'sound c@3'],
  ]);
});

test('a projection that could not be built again on request is built by the next commit', async (t) => {
  const { database, feed, put } = await setUp(t);
  const seen: string[] = [];
  let isBroken = false;
  const fragile: Projection = {
    name: 'fragile',
    async build() {
      if (isBroken) throw new Error('cannot be read');
      seen.push('built');
    },
    advance: () => void seen.push('advanced'),
  };
  await feed.project(fragile);
  isBroken = true;
  await assert.rejects(feed.rebuild(fragile), /cannot be read/);
  isBroken = false;
  await database.write((tx) => put(tx, 'a', ''));
  assert.deepEqual(seen, ['built', 'built']);
});

test('a section follows its table: each commit sends one change with only the difference', async (t) => {
  const { database, feed, section, put, remove } = await setUp(t);
  await database.write((tx) => put(tx, 'a', 'one'));
  await feed.addSection(section);
  const changes: (readonly SectionChange[])[] = [];
  feed.subscribe({ apply: async (each) => void changes.push(each) });
  await Promise.all([
    database.write((tx) => put(tx, 'b', 'two')),
    database.write((tx) => put(tx, 'c', 'three')),
  ]);
  await database.write((tx) => put(tx, 'a', 'one'));
  await database.write((tx) => remove(tx, 'b'));
  assert.deepEqual(changes, [
    [
      {
        seq: 3,
        section: 'notes',
        version: 1,
        put: [
          ['b', 'two'],
          ['c', 'three'],
        ],
        remove: [],
      },
    ],
    [{ seq: 5, section: 'notes', version: 2, put: [], remove: ['b'] }],
  ]);
  assert.deepEqual(
    [...section.entries],
    [
      ['a', 'one'],
      ['c', 'three'],
    ],
  );
});

test('an act that changes a section is answered when every subscription has applied it; other acts do not wait', async (t) => {
  const { database, events, feed, section, put } = await setUp(t);
  await feed.addSection(section);
  const held: (() => void)[] = [];
  feed.subscribe({ apply: () => new Promise((resolve) => held.push(resolve)) });
  let answered = false;
  const change = database
    .write((tx) => put(tx, 'a', 'one'))
    .then(() => {
      answered = true;
    });
  while (held.length === 0) await new Promise((resolve) => setImmediate(resolve));
  await database.write((tx) => events.publish(tx, { ...noted('x'), subject: null }));
  assert.equal(answered, false);
  held[0]?.();
  await change;
});

test('an act fails if a subscription refuses its change, although it is on disk', async (t) => {
  const { database, feed, section, put } = await setUp(t);
  await feed.addSection(section);
  feed.subscribe({ apply: () => Promise.reject(new Error('does not compile')) });
  await assert.rejects(
    database.write((tx) => put(tx, 'a', 'one')),
    /does not compile/,
  );
  assert.equal(await readNote(database.read, 'a'), 'one');
});

test('a section that is larger than a page is built completely', async (t) => {
  const { database, feed, section } = await setUp(t);
  await database.write(async (tx) => {
    await sql`INSERT INTO notes WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 4999) SELECT printf('%05d', i), 'x' FROM n`.execute(
      tx,
    );
  });
  await feed.addSection(section);
  assert.equal(section.entries.size, 5000);
});

test('a derived section follows the projections before it; a section in memory is changed directly', async (t) => {
  const { database, feed, section, put } = await setUp(t);
  await feed.addSection(section);
  const count = createDerivedSection<number>({
    name: 'count',
    touches: () => true,
    entries: () => [['notes', section.entries.size]],
  });
  const own = createOwnSection('own', [['default', 1]]);
  await feed.addSection(count);
  await feed.addSection(own);
  const changes: string[] = [];
  feed.subscribe({
    apply: async (each) => void changes.push(each.map((change) => JSON.stringify(change.put)).join(' ')),
  });
  await database.write((tx) => put(tx, 'a', 'one'));
  await feed.alter(() => own.replace([['default', 2]]));
  await feed.alter(() => own.replace([['default', 2]]));
  assert.deepEqual(changes, ['[["a","one"]] [["notes",1]]', '[["default",2]]']);
});

test('a table section removes expired entries', async (t) => {
  const { database, feed, section, put } = await setUp(t);
  for (const id of ['a', 'b']) await database.write((tx) => put(tx, id, id));
  await feed.addSection(section);
  const removed: string[][] = [];
  feed.subscribe({ apply: async ([change]) => void removed.push(change?.remove ?? []) });
  await feed.alter(() => section.sweep((text) => text === 'a'));
  assert.deepEqual(removed, [['a']]);
  assert.deepEqual([...section.entries.keys()], ['b']);
});

test('a cache answers from memory until an event touches its key, and does not store values that changed meanwhile', async (t) => {
  const { database, feed, put } = await setUp(t);
  let loads = 0;
  let hold: Promise<void> | undefined;
  const cache = createProjectedCache<string>({
    name: 'notes',
    limit: 2,
    touches: ({ subject }: CommittedEvent) => (subject === null ? [] : [subject]),
    async load(id) {
      loads += 1;
      const found = await readNote(database.read, id);
      await hold;
      return found;
    },
  });
  await feed.project(cache);
  assert.equal(await cache.find('a'), undefined);
  await database.write((tx) => put(tx, 'a', 'one'));
  assert.deepEqual([await cache.find('a'), await cache.find('a'), loads], ['one', 'one', 2]);
  const { promise, resolve } = Promise.withResolvers<void>();
  hold = promise;
  await database.write((tx) => put(tx, 'b', 'old'));
  const late = cache.find('b');
  await new Promise((turn) => setImmediate(turn));
  await database.write((tx) => put(tx, 'b', 'new'));
  resolve();
  hold = undefined;
  assert.equal(await late, 'old', 'read before the change');
  assert.equal(await cache.find('b'), 'new');
});
