// Domain events: published inside the transaction of the act, and able to undo it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { sql } from 'kysely';
import type { DomainEvent } from '../../../src/platform/feed/events.ts';
import { createEvents } from '../../../src/platform/feed/events.ts';
import { openDatabase } from '../../../src/platform/store/database.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const event: DomainEvent = {
  type: 'notes.note_written',
  actor: { kind: 'system', name: 'gatehouse' },
  outcome: 'success',
  subject: 'n1',
  data: {},
};

function openRecorded(t: TestContext) {
  const database = openDatabase(join(temporaryFolder(t), 'test.db'));
  t.after(() => database.close());
  const recorded: DomainEvent[] = [];
  database.recordIn({
    async append(_tx, events) {
      recorded.push(...events);
      return events.map((each, index) => ({ ...each, seq: index + 1 }));
    },
    lastSeq: async () => recorded.length,
  });
  return { database, recorded };
}

test('calls every subscriber, in the order of subscription, one after the other', async (t) => {
  const { database, recorded } = openRecorded(t);
  const events = createEvents();
  const calls: string[] = [];
  for (const name of ['first', 'second']) {
    events.subscribe(async (tx, { subject }) => {
      calls.push(`${name} begins with ${subject}`);
      await sql`SELECT 1`.execute(tx);
      calls.push(`${name} ends`);
    });
  }
  await database.write((tx) => events.publish(tx, event));
  assert.deepEqual(recorded, [event]);
  assert.deepEqual(calls, ['first begins with n1', 'first ends', 'second begins with n1', 'second ends']);
});

test('a subscriber that throws undoes the act, because an act that cannot be recorded must not happen', async (t) => {
  const { database, recorded } = openRecorded(t);
  await database.write((tx) => sql`CREATE TABLE notes (id)`.execute(tx));
  const events = createEvents();
  const failure = new Error('cannot record');
  events.subscribe(() => Promise.reject(failure));
  const act = database.write(async (tx) => {
    await sql`INSERT INTO notes VALUES (1)`.execute(tx);
    await events.publish(tx, event);
  });
  await assert.rejects(act, failure);
  assert.deepEqual(recorded, []);
  assert.deepEqual((await sql`SELECT * FROM notes`.execute(database.read)).rows, []);
});
