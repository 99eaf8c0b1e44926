// A server with a witness at an address: the comparison at a start, the writes of the running server, and the
// heads that it never replaces.
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { openAudit } from '../../../src/audit/index.ts';
import { createAuditStore } from '../../../src/audit/store.ts';
import type { DomainEvent } from '../../../src/platform/feed/events.ts';
import { lineRefusal } from '../../support/errors.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { openStore } from '../../support/store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import type { StoreServer } from '../support/store-server.ts';
import { startStoreServer } from '../support/store-server.ts';

const note: DomainEvent = {
  type: 'notes.note_written',
  actor: { kind: 'user', name: 'alice' },
  outcome: 'success',
  subject: null,
  data: {},
};

const down: StoreServer['answer'] = (_request, response) => response.writeHead(503).end();
const older = (words: RegExp) => lineRefusal('ledger_rolled_back', words);

interface Life {
  acceptRollback?: boolean;
  required?: boolean;
  betweenMs?: number;
  /** Called while it runs. */
  during?(running: Running): Promise<void>;
}

interface Running {
  write(): Promise<void>;
  audit: Awaited<ReturnType<typeof openAudit>>;
}

/** A function that runs one server's life on a folder: its ledger opens, records some notes, and closes. */
async function setUp(t: TestContext) {
  const data = join(temporaryFolder(t), 'data');
  const store = await startStoreServer(t);
  async function live(notes: number, life: Life = {}) {
    const { acceptRollback = false, required = false, betweenMs = 10, during } = life;
    const opened = await openStore(data);
    const memory = createMemoryLog();
    const headKey = opened.keyStore.derive('audit-head');
    const addressPauses = { betweenMs, longestMs: Math.max(20, betweenMs), lastMs: 5000 };
    const write = () => opened.database.write((tx) => opened.events.publish(tx, note));
    try {
      const audit = await openAudit(
        { ...opened, log: memory.log, headKey, acceptRollback, addressPauses },
        { witnessAddress: { url: store.url, required } },
      );
      for (let count = 0; count < notes; count += 1) await write();
      await during?.({ write, audit });
      await audit.close?.();
      const rows = await createAuditStore(opened.database).after(0, 1000);
      return { rows, types: rows.map(({ type }) => type), lines: memory.lines() };
    } finally {
      await opened.close();
    }
  }
  const saved = `${data}.saved`;
  const save = () => cpSync(data, saved, { recursive: true });
  function rollBack() {
    rmSync(data, { recursive: true });
    cpSync(saved, data, { recursive: true });
  }
  const stored = () => JSON.parse(store.content ?? 'null');
  return { store, stored, live, save, rollBack };
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let attempt = 0; !holds(); attempt += 1) {
    if (attempt > 1000) assert.fail(`it never came to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

test('after a stop, the address has the head of the ledger and its name', async (t) => {
  const { live, stored } = await setUp(t);
  const { rows } = await live(3);
  assert.deepEqual(stored(), { seq: 3, hash: rows[2]?.hash, ledger: rows[0]?.hash });
  await live(1);
  assert.equal(stored().seq, 4);
});

test('refuses a whole data folder that is an older copy, until the operator accepts it', async (t) => {
  const { live, save, rollBack, stored } = await setUp(t);
  await live(2);
  save();
  const newer = (await live(3)).rows.at(-1);
  rollBack();
  await assert.rejects(
    live(0),
    older(/ends at entry 2, but its witness has entry 5 \(http.*--accept-rollback/),
  );
  const { rows } = await live(1, { acceptRollback: true });
  const accepted = JSON.parse(rows[2]?.data ?? '');
  assert.equal(rows[2]?.type, 'audit.rollback_accepted');
  assert.deepEqual([accepted.because[0].seq, accepted.because[0].hash], [5, newer?.hash]);
  assert.equal(stored().seq, 4);
  await live(0);
});

test('refuses an address whose witness is gone, unreadable, newer, or of another ledger', async (t) => {
  const { live, store, stored } = await setUp(t);
  await live(2);
  const good = stored();
  const cases: [string | undefined, RegExp][] = [
    [undefined, /the witness of the ledger is missing/],
    ['<html>', /the witness of the ledger cannot be read/],
    [JSON.stringify({ ...good, seq: Number.MAX_SAFE_INTEGER }), /its witness has entry 9007199254740991/],
    [JSON.stringify({ ...good, hash: '0'.repeat(64) }), /has another entry 2/],
    [JSON.stringify({ ...good, ledger: '1'.repeat(64) }), /has the head of another ledger/],
  ];
  for (const [content, words] of cases) {
    store.content = content;
    await assert.rejects(live(0), older(words));
    assert.equal(store.content, content, 'a refusal changes nothing');
  }
});

test('an address that does not answer is a warning, or, if it is required, the start fails', async (t) => {
  const { live, store, stored } = await setUp(t);
  store.answer = down;
  await assert.rejects(
    live(0, { required: true }),
    lineRefusal('witness_unreachable', /it answers 503\. .*set audit\.witnessAddress\.required to false/),
  );
  const { lines } = await live(1);
  assert.ok(lines.some(({ event }) => event === 'ledger.witness_unreachable'));
  store.answer = (request, response) => response.writeHead(request.method === 'GET' ? 404 : 405).end();
  await assert.rejects(live(0, { required: true }), lineRefusal('witness_unreachable', /answers 405/));
  await live(1);
  store.answer = undefined;
  await live(1, { required: true });
  assert.equal(stored().seq, 3);
});

test('a start without an answer compares later, and does not replace a newer head', async (t) => {
  const { live, save, rollBack, store } = await setUp(t);
  await live(2);
  save();
  await live(3);
  rollBack();
  const newer = store.content;
  store.answer = down;
  const { types, lines } = await live(1, {
    async during({ audit }) {
      store.answer = undefined;
      await until('a problem', () => /older copy/.test(audit.witnessAddress()?.problem ?? ''));
    },
  });
  assert.equal(store.content, newer);
  assert.equal(types.filter((type) => type === 'audit.witness_contradicted').length, 1);
  assert.equal(lines.filter(({ event }) => event === 'ledger.witness_contradicts').length, 1);
});

test('two servers with copies of one folder notice each other', async (t) => {
  const { live, stored, store } = await setUp(t);
  await live(2);
  const { types } = await live(1, {
    async during({ write, audit }) {
      await until('the third entry', () => stored().seq === 3);
      store.content = JSON.stringify({ ...stored(), seq: 9 });
      await write();
      await until('a problem', () => /its witness has entry 9/.test(audit.witnessAddress()?.problem ?? ''));
    },
  });
  assert.ok(types.includes('audit.witness_contradicted'));
  assert.equal(stored().seq, 9);
});

test('writes again when the address answers again, and logs the failure and its end once', async (t) => {
  const { live, stored, store } = await setUp(t);
  const { lines } = await live(1, {
    async during({ write, audit }) {
      await until('the first entry', () => stored()?.seq === 1);
      store.answer = down;
      const before = store.requests.length;
      await write();
      await until('attempts', () => store.requests.length > before + 3);
      assert.match(audit.witnessAddress()?.problem ?? '', /it answers 503/);
      store.answer = undefined;
      await until('the second entry', () => stored().seq === 2);
      await until('no problem', () => audit.witnessAddress()?.problem === null);
    },
  });
  const events = lines.map(({ event }) => event).filter((event) => String(event).includes('witness'));
  assert.deepEqual(events, ['ledger.witness_failed', 'ledger.witness_reached']);
});

test('many entries at once cause few writes', async (t) => {
  const { live, store } = await setUp(t);
  await live(100, { betweenMs: 60_000 });
  const written = store.requests.filter(({ method }) => method === 'PUT');
  assert.deepEqual(
    written.map(({ body }) => JSON.parse(body).seq),
    [0, 100],
  );
});

test('a stop does not wait for an address that does not answer', { timeout: 30_000 }, async (t) => {
  const data = join(temporaryFolder(t), 'data');
  const store = await startStoreServer(t);
  const opened = await openStore(data);
  const { log } = createMemoryLog();
  await openAudit(
    {
      ...opened,
      log,
      headKey: opened.keyStore.derive('audit-head'),
      acceptRollback: false,
      addressPauses: { betweenMs: 10, longestMs: 20, lastMs: 100 },
    },
    { witnessAddress: { url: store.url, required: false } },
  );
  store.answer = () => {};
  await opened.database.write((tx) => opened.events.publish(tx, note));
  await opened.close();
});
