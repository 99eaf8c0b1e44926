// A start reports every change of the ledger in the database of a stopped server, made without the master
// key, and `gatehouse audit verify` finds it (docs/wire/ledger.md).
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, describe, it } from 'node:test';
import { up } from '../support/gatehouse-command.ts';
import { ask } from '../support/https-client.ts';

const FAILED = 1;
const upstream = 'http://127.0.0.1:1';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ledger-'));
const original = join(folder, 'original');
const written = await writeLedger();
after(() => rmSync(folder, { recursive: true, force: true }));

interface Alteration {
  what: string;
  alter(database: DatabaseSync): void;
  /** The entry that the error must name. If all entries fit, only the head reveals the change. */
  seq?: number;
  /** Whether the witness has a later entry than the ledger. */
  isShortened?: boolean;
}

const ALTERATIONS: Alteration[] = [
  {
    what: 'a changed entry',
    alter: (database) => database.exec(`UPDATE audit_entries SET outcome = 'failure' WHERE seq = 3`),
    seq: 3,
  },
  {
    what: 'a removed entry',
    alter: (database) => database.exec('DELETE FROM audit_entries WHERE seq = 4'),
    seq: 4,
  },
  {
    what: 'a removed end',
    alter: (database) => database.exec(`DELETE FROM audit_entries WHERE seq = ${written}`),
    seq: written,
  },
  {
    what: 'a removed end, with the head turned back',
    alter: (database) => cutAt(database, written - 1),
    isShortened: true,
  },
  { what: 'a rewritten chain', alter: (database) => rewriteFrom(database, 3) },
];

describe('the start and audit verify say where the ledger is broken:', { concurrency: 2 }, () => {
  for (const { what, alter, seq, isShortened = false } of ALTERATIONS) {
    it(what, async (t) => {
      const data = join(folder, what.replaceAll(/\W+/g, '-'));
      cpSync(original, data, { recursive: true });
      const database = new DatabaseSync(join(data, 'gatehouse.db'));
      alter(database);
      database.close();
      if (isShortened) await assert.rejects(up({ data, upstream }), /may be an older copy/);
      const server = await up({
        data,
        upstream,
        acceptRollback: isShortened,
        set: ['control.metrics=public'],
      });
      t.after(server.stop);
      assert.match(server.stderr(), /"level":"error",.*the ledger was altered at entry \d+/);
      const { ledger } = await server.json<{ ledger: { problem: string | null } }>('status');
      assert.match(
        ledger.problem ?? '',
        seq === undefined ? /^at entry \d+: / : new RegExp(`^at entry ${seq}: `),
      );
      const metrics = await ask({ port: server.controlPort, ca: server.ca, path: '/metrics' });
      assert.match(metrics.text(), /^gatehouse_ledger_altered 1$/m);
      const [latest] = await server
        .json<{ type: string }[]>('audit', 'tail', '-n', '1000')
        .then((entries) => entries.filter(({ type }) => type === 'audit.alteration_found'));
      assert.ok(latest, 'an entry of the ledger says it');
      const { stdout, status } = await server.command(['audit', 'verify', '--json']);
      const { ok, problem } = JSON.parse(stdout) as Verification;
      assert.deepEqual({ ok, status }, { ok: false, status: FAILED });
      if (seq !== undefined) assert.equal(problem?.seq, seq);
      const words = await server.command(['audit', 'verify']);
      assert.match(words.stdout, new RegExp(`^the ledger is broken at entry ${problem?.seq}: .+\n$`));
    });
  }
});

interface Verification {
  ok: boolean;
  entries: number;
  problem?: { seq: number };
}

/** Uses a server and stops it. Returns the number of entries in its ledger. */
async function writeLedger(): Promise<number> {
  mkdirSync(original);
  const server = await up({ data: original, upstream });
  for (const role of ['user', 'auditor', 'admin']) await server.key(role);
  const { entries } = await server.json<Verification>('audit', 'verify');
  await server.stop();
  return entries;
}

type Column = 'seq' | 'time' | 'type' | 'actor' | 'outcome' | 'subject' | 'data' | 'hash';
type Row = Record<Column, string | number | null>;

function entriesFrom(database: DatabaseSync, seq: number): Row[] {
  return database.prepare('SELECT * FROM audit_entries WHERE seq >= ? ORDER BY seq').all(seq) as Row[];
}

function cutAt(database: DatabaseSync, seq: number): void {
  database.prepare('DELETE FROM audit_entries WHERE seq > ?').run(seq);
  const [last] = entriesFrom(database, seq);
  database.prepare('UPDATE audit_head SET seq = ?, hash = ?').run(seq, last?.hash ?? '');
}

/** The change of an attacker who knows the format but has no key: every hash fits again. */
function rewriteFrom(database: DatabaseSync, first: number): void {
  const [before, ...rows] = entriesFrom(database, first - 1);
  const update = database.prepare('UPDATE audit_entries SET outcome = ?, hash = ? WHERE seq = ?');
  let previous = before?.hash ?? null;
  for (const { seq, time, type, actor, subject, data } of rows) {
    const outcome = 'failure';
    const fields = JSON.stringify([previous, seq, time, type, actor, outcome, subject, data]);
    previous = createHash('sha256').update(fields).digest('hex');
    update.run(outcome, previous, seq);
  }
  database.prepare('UPDATE audit_head SET hash = ?').run(previous);
}
