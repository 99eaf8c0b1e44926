// The ledger's chain: verification finds and names every kind of tampering. See docs/wire/ledger.md
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import type { SQLInputValue } from 'node:sqlite';
import { DatabaseSync } from 'node:sqlite';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { Verification } from '../../src/audit/chain.ts';
import { entryHash, headMac, verifyChain } from '../../src/audit/chain.ts';
import { createAudit } from '../../src/audit/index.ts';
import { createAuditStore } from '../../src/audit/store.ts';
import type { DomainEvent } from '../../src/platform/feed/events.ts';
import { GENESIS } from '../../src/platform/ledger/ledger-head.ts';
import type { TestStore } from '../support/store.ts';
import { createStore } from '../support/store.ts';

const headKey = randomBytes(32);

function eventAbout(subject: string | null): DomainEvent {
  const actor = { kind: 'user', name: 'alice', address: '127.0.0.1' } as const;
  return { type: 'notes.note_written', actor, outcome: 'success', subject, data: { pages: 3, tags: ['a'] } };
}

/** A ledger of `length` entries, its verification, and SQL that changes it without Gatehouse. */
async function setUp(t: TestContext, length: number) {
  const foundation: TestStore = await createStore(t);
  const { database, events, clock } = foundation;
  createAudit({ ...foundation, headKey });
  const store = createAuditStore(database);
  const write = (...subjects: (string | null)[]) =>
    database.write(async (tx) => {
      for (const subject of subjects) {
        clock.advance(1);
        await events.publish(tx, eventAbout(subject));
      }
    });
  await write(...Array.from({ length }, (_, index) => `n${index + 1}`));
  const stranger = new DatabaseSync(foundation.databasePath, { timeout: 5000 });
  t.after(() => stranger.close());
  const tamper = (statement: string, ...values: SQLInputValue[]) => {
    assert.ok(stranger.prepare(statement).run(...values).changes > 0, 'changed nothing');
  };
  return { ...foundation, store, write, stranger, tamper, verify: () => verifyChain(store, headKey) };
}

function assertFound(verification: Verification, seq: number, reason: RegExp): void {
  assert.equal(verification.ok, false);
  assert.equal(verification.problem?.seq, seq);
  assert.match(verification.problem?.reason ?? '', reason);
}

test('the hash of an entry covers the previous hash and its fields, as JSON in this order', () => {
  const entry = { seq: 1, time: 5, type: 'a.b', actor: '{}', outcome: 'success', subject: null, data: '{}' };
  const text = `["${GENESIS}",1,5,"a.b","{}","success",null,"{}"]`;
  assert.equal(entryHash(GENESIS, entry), createHash('sha256').update(text).digest('hex'));
});

test('an empty ledger and an unchanged one are intact', async (t) => {
  const { verify, write } = await setUp(t, 0);
  assert.deepEqual(await verify(), { ok: true, entries: 0, head: null });
  await write('n1', null);
  const { ok, entries, head } = await verify();
  assert.deepEqual({ ok, entries, seq: head?.seq }, { ok: true, entries: 2, seq: 2 });
});

test('the row of an act has all facts of its event', async (t) => {
  const { store, clock } = await setUp(t, 1);
  const [row] = await store.latest(1);
  const { hash, ...entry } = row ?? assert.fail('no row');
  assert.deepEqual(entry, {
    seq: 1,
    time: clock.now(),
    type: 'notes.note_written',
    actor: '{"kind":"user","name":"alice","address":"127.0.0.1"}',
    outcome: 'success',
    subject: 'n1',
    data: '{"pages":3,"tags":["a"]}',
  });
  assert.equal(hash, entryHash(GENESIS, entry));
});

test('an act that fails leaves no entry and no gap', async (t) => {
  const { database, events, write, verify } = await setUp(t, 1);
  const act = database.write(async (tx) => {
    await events.publish(tx, eventAbout('undone'));
    throw new Error('after all');
  });
  await Promise.allSettled([act, write('n2')]);
  const { ok, entries } = await verify();
  assert.deepEqual({ ok, entries }, { ok: true, entries: 2 });
});

test('an act that fails among others of its commit leaves no trace in the chain', async (t) => {
  const { database, events, write, verify } = await setUp(t, 1);
  const failing = (subject: string) =>
    database.write(async (tx) => {
      await events.publish(tx, eventAbout(subject));
      await events.publish(tx, eventAbout(subject));
      throw new Error('after all');
    });
  await Promise.allSettled([
    write('n2'),
    failing('undone'),
    write('n3'),
    failing('undone'),
    write('n4', 'n5'),
  ]);
  const { ok, entries, head } = await verify();
  assert.deepEqual({ ok, entries, seq: head?.seq }, { ok: true, entries: 5, seq: 5 });
});

test('a commit that fails leaves the chain where it was', async (t) => {
  const { database, write, verify } = await setUp(t, 1);
  let isBroken = true;
  database.beforeCommit(async () => {
    if (isBroken) throw new Error('no space');
  });
  await assert.rejects(write('n2', 'n3'), /no space/);
  isBroken = false;
  await write('n4');
  const { ok, entries } = await verify();
  assert.deepEqual({ ok, entries }, { ok: true, entries: 2 });
});

test('acts of one commit are chained in order', async (t) => {
  const { write, verify } = await setUp(t, 0);
  await Promise.all(Array.from({ length: 50 }, (_, index) => write(`n${index}`)));
  assert.equal((await verify()).entries, 50);
});

test('text that UTF-8 cannot express does not break the chain, because anyone can try to sign in with such a name', async (t) => {
  const { write, verify } = await setUp(t, 0);
  await write('lone \ud800 surrogate', 'nul \0 inside', 'é and é', '\u{1f511}');
  const { ok, entries } = await verify();
  assert.deepEqual({ ok, entries }, { ok: true, entries: 4 });
});

const changes: Record<string, SQLInputValue> = {
  time: 0,
  type: 'notes.note_read',
  actor: '{"kind":"user","name":"bob"}',
  outcome: 'failure',
  subject: 'n4',
  data: '{}',
  hash: 'f'.repeat(64),
};

for (const [field, value] of Object.entries(changes)) {
  test(`finds an entry whose ${field} was changed`, async (t) => {
    const { tamper, verify } = await setUp(t, 5);
    tamper(`UPDATE audit_entries SET ${field} = ? WHERE seq = 3`, value);
    assertFound(await verify(), 3, /was changed/);
  });
}

test('finds a changed entry whose hash was made to fit', async (t) => {
  const { store, tamper, verify } = await setUp(t, 5);
  const [before, entry] = await store.after(1, 2);
  assert.ok(before && entry);
  const forged = { ...entry, subject: 'forged' };
  tamper(
    'UPDATE audit_entries SET subject = ?, hash = ? WHERE seq = 3',
    'forged',
    entryHash(before.hash, forged),
  );
  assertFound(await verify(), 4, /was changed/);
});

test('finds a subject that was emptied', async (t) => {
  const { tamper, verify } = await setUp(t, 2);
  tamper('UPDATE audit_entries SET subject = NULL WHERE seq = 2');
  assertFound(await verify(), 2, /was changed/);
});

test('finds that an entry was removed from the middle', async (t) => {
  const { tamper, verify } = await setUp(t, 5);
  tamper('DELETE FROM audit_entries WHERE seq = 3');
  assertFound(await verify(), 3, /is missing/);
});

test('finds that an entry was removed and the others renumbered', async (t) => {
  const { tamper, verify } = await setUp(t, 5);
  tamper('DELETE FROM audit_entries WHERE seq = 3');
  tamper('UPDATE audit_entries SET seq = seq - 1 WHERE seq > 3');
  assertFound(await verify(), 3, /was changed/);
});

test('finds that the first entries were removed', async (t) => {
  const { tamper, verify } = await setUp(t, 5);
  tamper('DELETE FROM audit_entries WHERE seq < 3');
  assertFound(await verify(), 1, /is missing/);
});

test('finds entries that were exchanged', async (t) => {
  const { tamper, verify } = await setUp(t, 5);
  tamper('UPDATE audit_entries SET seq = CASE seq WHEN 2 THEN -3 WHEN 3 THEN -2 END WHERE seq IN (2, 3)');
  tamper('UPDATE audit_entries SET seq = -seq WHERE seq < 0');
  assertFound(await verify(), 2, /was changed/);
});

test('finds that the end was removed', async (t) => {
  const { tamper, verify } = await setUp(t, 5);
  tamper('DELETE FROM audit_entries WHERE seq > 3');
  assertFound(await verify(), 4, /ends here, but 5 entries were written/);
});

test('finds that the end was removed and the head set back without the key', async (t) => {
  const { store, tamper, verify } = await setUp(t, 5);
  const [third] = await store.after(2, 1);
  tamper('DELETE FROM audit_entries WHERE seq > 3');
  tamper('UPDATE audit_head SET seq = 3, hash = ?', third?.hash ?? '');
  assertFound(await verify(), 4, /head does not belong/);
});

test('finds that every entry was removed, but not the head', async (t) => {
  const { tamper, verify } = await setUp(t, 5);
  tamper('DELETE FROM audit_entries');
  assertFound(await verify(), 1, /ends here, but 5 entries were written/);
});

test('finds that the head was removed', async (t) => {
  const { tamper, verify } = await setUp(t, 5);
  tamper('DELETE FROM audit_head');
  assertFound(await verify(), 5, /head is missing/);
});

for (const [what, mac] of Object.entries({
  'another MAC': 'f'.repeat(64),
  'a truncated MAC': 'f'.repeat(63),
  'an empty MAC': '',
  'a MAC that is not hexadecimal': 'é'.repeat(64),
})) {
  test(`finds a head with ${what}`, async (t) => {
    const { tamper, verify } = await setUp(t, 2);
    tamper('UPDATE audit_head SET mac = ?', mac);
    assertFound(await verify(), 3, /head does not belong/);
  });
}

test('finds a head with another hash', async (t) => {
  const { tamper, verify } = await setUp(t, 2);
  tamper('UPDATE audit_head SET hash = ?', 'f'.repeat(64));
  assertFound(await verify(), 3, /head does not belong/);
});

test('finds a whole chain that was rewritten consistently without the key', async (t) => {
  const { store, tamper, verify } = await setUp(t, 5);
  let last = GENESIS;
  for (const entry of await store.after(0, 5)) {
    const forged = { ...entry, subject: 'forged' };
    last = entryHash(last, forged);
    tamper('UPDATE audit_entries SET subject = ?, hash = ? WHERE seq = ?', 'forged', last, entry.seq);
  }
  tamper('UPDATE audit_head SET hash = ?, mac = ?', last, headMac(randomBytes(32), { seq: 5, hash: last }));
  assertFound(await verify(), 6, /head does not belong/);
});

test('finds an entry that was added after the head, even if its hash fits', async (t) => {
  const { store, tamper, verify } = await setUp(t, 5);
  const [last] = await store.latest(1);
  assert.ok(last);
  const forged = { ...last, seq: 6, subject: 'forged' };
  const { seq, time, type, actor, outcome, subject, data } = forged;
  const hash = entryHash(last.hash, forged);
  tamper(
    'INSERT INTO audit_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    seq,
    time,
    type,
    actor,
    outcome,
    subject,
    data,
    hash,
  );
  assertFound(await verify(), 6, /added after the head/);
});

test('finds an older head that was put back after more entries were written', async (t) => {
  const { stranger, tamper, write, verify } = await setUp(t, 3);
  const old = stranger.prepare('SELECT seq, hash, mac FROM audit_head').get();
  await write('n4', 'n5');
  tamper(
    'UPDATE audit_head SET seq = ?, hash = ?, mac = ?',
    ...(Object.values(old ?? {}) as SQLInputValue[]),
  );
  assertFound(await verify(), 4, /added after the head/);
});

test('verifies five thousand entries within ten seconds, and finds the one that was changed', async (t) => {
  const { tamper, verify } = await setUp(t, 5000);
  const begin = performance.now();
  const { ok, entries, head } = await verify();
  assert.ok(performance.now() - begin < 10_000);
  assert.deepEqual({ ok, entries, seq: head?.seq }, { ok: true, entries: 5000, seq: 5000 });
  tamper("UPDATE audit_entries SET subject = 'forged' WHERE seq = 4321");
  const verification = await verify();
  assertFound(verification, 4321, /was changed/);
  assert.equal(verification.entries, 4320);
});

test('entries that are written during the verification do not make the ledger look damaged', async (t) => {
  const { write, verify } = await setUp(t, 2500);
  const halt = new AbortController();
  t.after(() => halt.abort());
  const writer = (async () => {
    for (let count = 0; !halt.signal.aborted; count += 1) await write(`late ${count}`);
  })();
  for (let round = 0; round < 5; round += 1) {
    const { ok, problem } = await verify();
    assert.deepEqual({ ok, problem }, { ok: true, problem: undefined });
  }
  halt.abort();
  await writer;
  assert.equal((await verify()).ok, true);
});
