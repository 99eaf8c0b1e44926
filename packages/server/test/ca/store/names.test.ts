// The inventory by name: the names of certificates have a table with an index, which a migration fills from
// older rows.
import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createCaStore } from '../../../src/ca/store/store.ts';
import { migrations } from '../../../src/capabilities.ts';
import { openDataFolder } from '../../../src/platform/data-folder/data-folder.ts';
import { openDatabase } from '../../../src/platform/store/database.ts';
import { migrate } from '../../../src/platform/store/migrations.ts';
import { fetchAdmin, issue, openCa } from '../../support/ca.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createStore } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ABOUT_NAMES = ['ca/0004-lists-and-names', 'ca/0005-names-by-key'];

test('certificates are found by each of their names and by their owner, completely and in upper or lower case', async (t) => {
  const ca = await openCa(await createStore(t));
  const web = await issue(ca, ['www.example.com', '*.example.com', '10.0.0.1']);
  const owner = { kind: 'service', name: 'billing_bot' } as const;
  const bot = await issue(ca, ['x.example.com'], { profile: 'client', owner });
  const peer = await issue(ca, ['peer.example.com'], { profile: 'peer', owner });
  const found = async (name: string) => {
    const response = await fetchAdmin(ca, ['GET', `/admin/certificates?name=${encodeURIComponent(name)}`]);
    const { certificates } = (await response.json()) as { certificates: { serial: string }[] };
    return certificates.map(({ serial }) => serial).toSorted();
  };
  for (const name of ['www.example.com', 'WWW.Example.com', '*.example.com', '10.0.0.1']) {
    assert.deepEqual(await found(name), [web.serialNumber], name);
  }
  assert.deepEqual(await found('billing_bot'), [bot.serialNumber, peer.serialNumber].toSorted());
  assert.deepEqual(await found('peer.example.com'), [peer.serialNumber]);
  for (const name of [
    'example.com',
    'www.example.co',
    '%',
    'billing%bot',
    'wwwXexample.com',
    '_.example.com',
    '"',
  ]) {
    assert.deepEqual(await found(name), [], name);
  }
});

test('a search by name uses only indexes', async (t) => {
  const store = await createStore(t);
  const database = new DatabaseSync(store.databasePath);
  t.after(() => database.close());
  const plan = database
    .prepare(
      `EXPLAIN QUERY PLAN SELECT * FROM ca_certificates WHERE serial_number IN (SELECT serial_number FROM ca_names
       WHERE name = 'a' UNION SELECT serial_number FROM ca_certificates WHERE owner_name = 'a')
       ORDER BY issued_at DESC, serial_number DESC LIMIT 10`,
    )
    .all()
    .map(({ detail }) => String(detail));
  assert.deepEqual(
    plan.filter((step) => step.startsWith('SCAN')),
    [],
    plan.join('\n'),
  );
});

test('the migration fills the table of names for an older data folder', async (t) => {
  const folder = await openDataFolder(temporaryFolder(t));
  const database = openDatabase(folder.file('gatehouse.db'));
  t.after(async () => {
    await database.close();
    folder.release();
  });
  const clock = createFakeClock();
  const before = migrations.filter(({ name }) => !ABOUT_NAMES.includes(name));
  await migrate(database, before, clock);
  const count = 2500;
  await database.write(async (tx) => {
    const tables = tx.withTables<{ ca_certificates: { [column: string]: unknown } }>();
    for (let index = 0; index < count; index += 1) {
      const names =
        index === 7 ? ['Odd.example.com', 'odd.example.com', 'more "%_'] : [`h${index}.example.com`];
      const row = {
        serial_number: `4${index.toString(16).padStart(39, '0')}`,
        profile: 'server',
        names: JSON.stringify(names),
      };
      const dates = { not_before: 1, not_after: 2, issued_at: index };
      await tables
        .insertInto('ca_certificates')
        .values({ ...row, ...dates, certificate: 'PEM' })
        .execute();
    }
  });
  await migrate(database, migrations, clock);
  const { certificates } = createCaStore(database);
  for (const [name, issuedAt] of [
    ['h0.example.com', 0],
    ['h2499.example.com', 2499],
    ['odd.example.com', 7],
    ['more "%_', 7],
  ] as const) {
    const found = await certificates(database.read, { name, limit: 10 }, 0);
    assert.deepEqual(
      found.map((each) => each.issuedAt),
      [issuedAt],
      name,
    );
  }
});
