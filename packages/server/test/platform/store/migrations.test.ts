// Schema changes: all pending ones are applied, or none.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { sql } from 'kysely';
import { migrations as ours } from '../../../src/capabilities.ts';
import type { Database } from '../../../src/platform/store/database.ts';
import { openDatabase } from '../../../src/platform/store/database.ts';
import type { Migration } from '../../../src/platform/store/migrations.ts';
import { migrate } from '../../../src/platform/store/migrations.ts';
import { refusal } from '../../support/errors.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const clock = createFakeClock();

function open(t: TestContext): Database {
  const database = openDatabase(join(temporaryFolder(t), 'test.db'));
  t.after(() => database.close());
  return database;
}

function creates(name: string, table: string): Migration {
  return {
    name,
    async up(tx) {
      await tx.schema.createTable(table).addColumn('id', 'integer').execute();
    },
  };
}

const first = creates('notes/0001-notes', 'notes');
const second = creates('notes/0002-tags', 'tags');
const failing: Migration = {
  name: 'notes/0003-broken',
  async up(tx) {
    await sql`CREATE TABLE half (id)`.execute(tx);
    await sql`ALTER TABLE notes ADD COLUMN colour`.execute(tx);
    await sql`ALTER TABLE nowhere ADD COLUMN id`.execute(tx);
  },
};

async function schema(database: Database): Promise<string[]> {
  const { rows } = await sql<{
    sql: string;
  }>`SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name`.execute(database.read);
  return rows.map((row) => row.sql);
}

async function applied(database: Database): Promise<object[]> {
  const query = sql<object>`SELECT name, applied_at FROM schema_migrations ORDER BY rowid`;
  return (await query.execute(database.read)).rows.map((row) => ({ ...row }));
}

test('applies each migration once, in the order of the list, and records when', async (t) => {
  const database = open(t);
  await migrate(database, [first], clock);
  const later = createFakeClock(clock.now() + 1000);
  await migrate(database, [first, second], later);
  await migrate(database, [first, second], later);
  assert.deepEqual(await applied(database), [
    { name: first.name, applied_at: clock.now() },
    { name: second.name, applied_at: later.now() },
  ]);
});

test('a failed migration leaves the old schema, and undoes the migrations before it', async (t) => {
  const database = open(t);
  await migrate(database, [first], clock);
  const before = await schema(database);
  await assert.rejects(
    migrate(database, [first, second, failing], clock),
    refusal(
      'migration_failed',
      /^Migration notes\/0003-broken failed and was undone: no such table: nowhere/,
    ),
  );
  assert.deepEqual(await schema(database), before);
  assert.deepEqual(await applied(database), [{ name: first.name, applied_at: clock.now() }]);

  await migrate(database, [first, second, { ...failing, up: async () => {} }], clock);
  assert.equal((await applied(database)).length, 3);
});

test('a first start whose migration fails leaves an empty database', async (t) => {
  const database = open(t);
  await assert.rejects(migrate(database, [first, failing], clock), refusal('migration_failed'));
  assert.deepEqual(await schema(database), []);
});

test('refuses a database that a newer program wrote, and changes nothing', async (t) => {
  const database = open(t);
  await migrate(database, [first, second], clock);
  await assert.rejects(
    migrate(database, [first, creates('notes/0004-new', 'fresh')], clock),
    refusal('migration_failed', /newer Gatehouse wrote this data folder \(it has notes\/0002-tags\)/),
  );
  assert.equal((await applied(database)).length, 2);
  assert.ok(!(await schema(database)).some((text) => text.includes('fresh')));
});

test('our own migrations have unique names with their capability and their order', () => {
  const names = ours.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  const lastOf = new Map<string, number>();
  for (const name of names) {
    const [, capability = '', number] = /^([a-z-]+)\/(\d{4})-[a-z0-9-]+$/.exec(name) ?? [];
    assert.equal(Number(number), (lastOf.get(capability) ?? 0) + 1, name);
    lastOf.set(capability, Number(number));
  }
});

test('our own migrations prepare an empty database, and do nothing the second time', async (t) => {
  const database = open(t);
  await migrate(database, ours, clock);
  const before = await schema(database);
  await migrate(database, ours, clock);
  assert.deepEqual(await schema(database), before);
});
