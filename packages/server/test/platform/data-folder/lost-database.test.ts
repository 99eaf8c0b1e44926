// A lost database is noticed before another authority replaces the old one. A new folder starts.
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { sql } from 'kysely';
import { migrations } from '../../../src/capabilities.ts';
import { openDataFolder } from '../../../src/platform/data-folder/data-folder.ts';
import {
  refuseBlankDatabase,
  refuseLostDatabase,
  refuseMissingTables,
} from '../../../src/platform/data-folder/lost-database.ts';
import { openDatabase } from '../../../src/platform/store/database.ts';
import { migrate } from '../../../src/platform/store/migrations.ts';
import { lineRefusal } from '../../support/errors.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const NAME = 'gatehouse.db';

async function openFolder(t: TestContext, files: Record<string, string> = {}) {
  const folder = await openDataFolder(temporaryFolder(t));
  t.after(folder.release);
  for (const [name, content] of Object.entries(files)) writeFileSync(folder.file(name), content);
  return folder;
}

const lost = (problem: string, left: string) =>
  lineRefusal(
    'database_incomplete',
    new RegExp(
      `^The database .*${NAME} ${problem}, but the data folder is not new \\(it has ${left}\\): restore the database from your backup\\. ` +
        `To start with a new authority, .*, remove ${left}, too\\.$`,
    ),
  );

test('a folder without a database is new, even after a start that ended before the first commit', async (t) => {
  refuseLostDatabase(await openFolder(t), NAME);
  refuseLostDatabase(await openFolder(t, { [NAME]: '' }), NAME);
  const folder = await openFolder(t);
  const database = openDatabase(folder.file(NAME));
  t.after(database.close);
  await refuseBlankDatabase(folder, NAME, database);
});

for (const left of ['master.key', 'root.pem']) {
  test(`a database that is missing or empty beside ${left} was lost, and its log is not touched`, async (t) => {
    const missing = await openFolder(t, { [left]: 'x' });
    assert.throws(() => refuseLostDatabase(missing, NAME), lost('is missing', left));
    const empty = await openFolder(t, { [left]: 'x', [NAME]: '', [`${NAME}-wal`]: 'what was committed' });
    assert.throws(() => refuseLostDatabase(empty, NAME), lost('is empty', left));
    assert.ok(existsSync(empty.file(`${NAME}-wal`)));
  });

  test(`a database without any table beside ${left} was lost`, async (t) => {
    const folder = await openFolder(t, { [left]: 'x' });
    const database = openDatabase(folder.file(NAME));
    t.after(database.close);
    refuseLostDatabase(folder, NAME);
    await assert.rejects(refuseBlankDatabase(folder, NAME, database), lost('has no tables', left));
  });
}

test('the error names the table that a database lost; a database with all tables is accepted', async (t) => {
  const folder = await openFolder(t);
  const database = openDatabase(folder.file(NAME));
  t.after(database.close);
  await migrate(database, migrations, createFakeClock());
  await refuseMissingTables(NAME, database, migrations);
  await database.write((tx) => sql`DROP TABLE ca_hierarchy`.execute(tx));
  await assert.rejects(
    refuseMissingTables(NAME, database, migrations),
    lineRefusal('database_incomplete', /has lost the table ca_hierarchy: restore the data folder/),
  );
});
