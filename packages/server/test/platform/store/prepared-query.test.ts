// Queries that are compiled once give the same results as Kysely's own, and refuse parameters in a wrong
// order.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { prepareQuery } from '../../../src/platform/store/prepared-query.ts';
import { createStore } from '../../support/store.ts';

type Tables = { notes: { id: number; text: string | null } };

async function notes(t: Parameters<typeof createStore>[0]) {
  const { database } = await createStore(t);
  await database.write((tx) =>
    tx.schema.createTable('notes').addColumn('id', 'integer').addColumn('text', 'text').execute(),
  );
  return { database, tables: database.read.withTables<Tables>() };
}

test('runs many times with other parameters (also null), in a transaction and outside', async (t) => {
  const { database, tables } = await notes(t);
  const insert = prepareQuery((id: number, text: string | null) =>
    tables.insertInto('notes').values({ id, text }),
  );
  const select = prepareQuery((id: number) => tables.selectFrom('notes').selectAll().where('id', '=', id));
  await database.write(async (tx) => {
    await insert(tx, 1, null);
    await insert(tx, 2, 'two');
    assert.equal((await select(tx, 2))[0]?.text, 'two');
  });
  assert.equal((await select(database.read, 1))[0]?.text, null);
  assert.deepEqual(await select(database.read, 3), []);
});

test('refuses a query whose parameters have another order than the given ones', async (t) => {
  const { database, tables } = await notes(t);
  const swapped = prepareQuery((text: string, id: number) => tables.insertInto('notes').values({ id, text }));
  await assert.rejects(swapped(database.read, 'one', 1), TypeError);
});

test('refuses a query with a parameter that was not given', async (t) => {
  const { database, tables } = await notes(t);
  const own = prepareQuery((id: number) =>
    tables.selectFrom('notes').selectAll().where('id', '=', id).where('text', '=', 'x'),
  );
  await assert.rejects(own(database.read, 1), TypeError);
});
