// The activity of the store, for the metrics and /readyz.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { GatehouseError } from '@gatehouse/access';
import { sql } from 'kysely';
import { openDatabase } from '../../../src/platform/store/database.ts';
import {
  canWrite,
  createStoreActivity,
  storeFileMetrics,
} from '../../../src/platform/store/store-activity.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('counts as failed from a failed commit until one that wrote something', () => {
  const activity = createStoreActivity();
  assert.equal(activity.isFailing, false);
  activity.failed(new GatehouseError('store_full', 'full'));
  assert.equal(activity.isFailing, true);
  activity.committed(0.001, 0);
  assert.equal(activity.isFailing, true);
  activity.committed(0.001, 1);
  assert.equal(activity.isFailing, false);
});

test('a full disk is reported once, and again when the store could write in between', () => {
  const activity = createStoreActivity();
  let reports = 0;
  activity.whenFull(() => {
    reports += 1;
  });
  const full = new GatehouseError('store_full', 'full');
  activity.failed(full);
  activity.failed(full);
  assert.equal(reports, 1);
  activity.committed(0.001, 1);
  activity.failed(new GatehouseError('store_failed', 'damaged'));
  assert.equal(reports, 1);
  activity.committed(0.001, 1);
  activity.failed(full);
  assert.equal(reports, 2);
});

test('the error of a single act is no failure of the store', () => {
  const activity = createStoreActivity();
  activity.failed(new GatehouseError('conflict', 'taken'));
  activity.failed(new TypeError('a mistake'));
  assert.equal(activity.isFailing, false);
});

test('a trial writes to the database, and fails when the database cannot', async (t) => {
  const path = join(temporaryFolder(t), 'test.db');
  const database = openDatabase(path);
  await database.write((tx) => sql`CREATE TABLE notes (id INTEGER PRIMARY KEY)`.execute(tx));
  const logSize = async () => {
    const [size] = storeFileMetrics(path);
    return (await size?.read())?.[1]?.value ?? 0;
  };
  const before = await logSize();
  assert.equal(await canWrite(database, path), true);
  assert.ok((await logSize()) > before);
  await database.close();
  assert.equal(await canWrite(database, path), false);
});

test('has the sizes of the files, and the free space of their disk', async (t) => {
  const path = join(temporaryFolder(t), 'test.db');
  const database = openDatabase(path);
  t.after(() => database.close());
  await database.write((tx) => sql`CREATE TABLE notes (id INTEGER PRIMARY KEY)`.execute(tx));
  const [sizes, room] = await Promise.all(storeFileMetrics(path).map((metric) => metric.read()));
  assert.deepEqual(
    sizes?.map(({ labels }) => labels?.file),
    ['database', 'log'],
  );
  for (const { value } of [...(sizes ?? []), ...(room ?? [])]) assert.ok(value > 0);
});
