// A server does not start on an older copy of its database unless the operator accepts it (docs/backup.md).
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createBench, idOf } from '../support/backup-bench.ts';
import { eventually } from '../support/conditions.ts';

describe('an older copy of the database', { concurrency: 1 }, () => {
  it('is refused, and served only with --accept-rollback, which the ledger records', async (t) => {
    const bench = await createBench(t);
    await (await bench.up()).stop();
    copyFileSync(join(bench.data, 'gatehouse.db'), bench.file('old.db'));
    const server = await bench.up();
    await server.key('user');
    await server.stop();
    copyFileSync(bench.file('old.db'), join(bench.data, 'gatehouse.db'));
    await assert.rejects(bench.up(), /may be an older copy.*--accept-rollback/);
    const again = await bench.up(bench.data, { acceptRollback: true });
    const types = (await again.json<{ type: string }[]>('audit', 'tail')).map(({ type }) => type);
    assert.ok(types.includes('audit.rollback_accepted'));
    await again.stop();
    await bench.up();
  });

  it('is noticed if gatehouse.db and master.key were copied without the write-ahead log', async (t) => {
    const bench = await createBench(t);
    const server = await bench.up();
    const key = await server.key('user');
    await server.command(['key', 'revoke', idOf(key)]);
    const copy = bench.file('copy');
    mkdirSync(copy);
    for (const name of ['gatehouse.db', 'master.key']) copyFileSync(join(bench.data, name), join(copy, name));
    await server.stop();
    await assert.rejects(bench.up(copy), /older copy|has no tables/);
  });

  it('is noticed if the write-ahead log of the folder was lost', async (t) => {
    const bench = await createBench(t);
    const server = await bench.up();
    await server.key('user');
    const witness = () =>
      JSON.parse(readFileSync(join(bench.data, 'ledger-head.json'), 'utf8')) as { seq: number };
    const { entries } = await server.json<{ entries: number }>('audit', 'verify');
    await eventually('the witness', () => witness().seq >= entries);
    const copy = bench.file('copy');
    cpSync(bench.data, copy, { recursive: true, filter: (path) => !/db-(?:wal|shm)$|\.sock$/.test(path) });
    await server.stop();
    await assert.rejects(bench.up(copy), /older copy/);
  });

  it('is not replaced by a new authority if it is missing and its witness exists', async (t) => {
    const bench = await createBench(t);
    await (await bench.up()).stop();
    for (const name of readdirSync(bench.data))
      if (name !== 'ledger-head.json') rmSync(join(bench.data, name), { recursive: true });
    await assert.rejects(bench.up(), /gatehouse\.db is missing, but the data folder is not new/);
  });
});
