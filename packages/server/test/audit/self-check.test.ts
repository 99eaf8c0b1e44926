// A start reports an entry that was altered while no server ran: in the log, in the ledger and to `status`.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { createAudit, openAudit } from '../../src/audit/index.ts';
import type { LedgerProblem } from '../../src/audit/self-check.ts';
import { createSelfCheck } from '../../src/audit/self-check.ts';
import { createAuditStore } from '../../src/audit/store.ts';
import type { DomainEvent } from '../../src/platform/feed/events.ts';
import { createMemoryLog } from '../support/memory-log.ts';
import { createStore } from '../support/store.ts';

const headKey = randomBytes(32);

const note: DomainEvent = {
  type: 'notes.note_written',
  actor: { kind: 'user', name: 'alice' },
  outcome: 'success',
  subject: null,
  data: {},
};

async function setUp(t: TestContext, entries: number) {
  const foundation = await createStore(t);
  const { database, events } = foundation;
  createAudit({ ...foundation, headKey });
  for (let count = 0; count < entries; count += 1) await database.write((tx) => events.publish(tx, note));
  const alter = (statement: string) => {
    const stranger = new DatabaseSync(foundation.databasePath, { timeout: 5000 });
    stranger.exec(statement);
    stranger.close();
  };
  const memory = createMemoryLog();
  const found: LedgerProblem[] = [];
  const store = createAuditStore(database);
  const check = createSelfCheck(
    { store, headKey, log: memory.log, found: async (problem) => void found.push(problem) },
    5,
  );
  t.after(check.stop);
  return { ...foundation, alter, check, found, store, ...memory };
}

const OUTCOME = "UPDATE audit_entries SET outcome = 'failure' WHERE seq =";

test('an intact ledger causes no report', async (t) => {
  const { check, found, lines } = await setUp(t, 12);
  await check.tail();
  await check.rest();
  assert.deepEqual([found, check.problem(), lines()], [[], undefined, []]);
});

for (const length of [0, 3, 5, 6]) {
  test(`neither is one of ${length} entries`, async (t) => {
    const { check, found } = await setUp(t, length);
    await check.tail();
    assert.deepEqual(found, []);
  });
}

test('an altered entry among the last ones is reported before the server serves', async (t) => {
  const { alter, check, found, lines } = await setUp(t, 12);
  alter(`${OUTCOME} 9`);
  await check.tail();
  assert.deepEqual(found, [{ seq: 9, reason: 'the entry was changed after it was written' }]);
  assert.deepEqual(check.problem(), found[0]);
  const [line] = lines();
  assert.equal(line?.level, 'error');
  assert.match(String(line?.message), /^the ledger was altered at entry 9: /);
});

test('an altered entry before them is reported while it serves', async (t) => {
  const { alter, check, found } = await setUp(t, 12);
  alter(`${OUTCOME} 2`);
  await check.tail();
  assert.equal(found.length, 0);
  await check.rest();
  assert.equal(found[0]?.seq, 2);
});

for (const [what, statement, seq] of [
  ['a removed entry', 'DELETE FROM audit_entries WHERE seq = 10', 10],
  ['a removed entry before the last ones', 'DELETE FROM audit_entries WHERE seq = 7', 7],
  ['a removed end', 'DELETE FROM audit_entries WHERE seq = 12', 12],
  ['a head with another MAC', "UPDATE audit_head SET mac = 'x'", 13],
] as const) {
  test(`${what} is reported`, async (t) => {
    const { alter, check, found } = await setUp(t, 12);
    alter(statement);
    await check.tail();
    assert.deepEqual(
      found.map((problem) => problem.seq),
      [seq],
    );
  });
}

test('records the finding in the ledger, and starts the server', async (t) => {
  const { alter, store, ...foundation } = await setUp(t, 4);
  alter(`${OUTCOME} 2`);
  const audit = await openAudit({ ...foundation, headKey, acceptRollback: false }, {});
  assert.equal(audit.problem()?.seq, 2);
  const [last] = await store.latest(1);
  assert.deepEqual([last?.type, last?.outcome], ['audit.alteration_found', 'failure']);
  assert.deepEqual(JSON.parse(last?.data ?? ''), {
    seq: 2,
    reason: 'the entry was changed after it was written',
  });
});

test('a server that stops does not wait for the check', async (t) => {
  const { check, found } = await setUp(t, 12);
  await check.tail();
  const checked = check.rest();
  await check.stop();
  await checked;
  assert.deepEqual(found, []);
});
