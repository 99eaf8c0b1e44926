// The witness of the ledger: a file that is complete or missing, is written soon after the head moves, and
// never makes a request wait or fail.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { eventually } from '../../../../../conformance/support/conditions.ts';
import { createWitnessWriter, readWitness, writeWitness } from '../../../src/platform/ledger/witness.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const head = (seq: number) => ({ seq, hash: String(seq % 10).repeat(64) });

test('a written witness can be read, and no other file is beside it', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'head');
  assert.equal(readWitness(path), undefined);
  const restored = { backupOf: '2026-01-01T00:00:00.000Z', at: '2026-01-02T00:00:00.000Z' };
  for (const witness of [head(1), { ...head(2), restored }]) {
    await writeWitness(path, witness);
    assert.deepEqual(readWitness(path), witness);
  }
  assert.deepEqual(readdirSync(folder), ['head']);
});

test('any other content is unreadable', (t) => {
  const path = join(temporaryFolder(t), 'head');
  for (const content of [
    '',
    '{',
    'null',
    '{"seq":1.5,"hash":"x"}',
    JSON.stringify({ ...head(1), seq: '1' }),
  ]) {
    writeFileSync(path, content);
    assert.equal(readWitness(path), 'unreadable');
  }
});

test('the file follows the head by itself, up to the last of many moves', async (t) => {
  const path = join(temporaryFolder(t), 'head');
  const writer = createWitnessWriter([path], createMemoryLog().log);
  for (let seq = 1; seq <= 100; seq += 1) writer.moved(head(seq));
  assert.ok(!existsSync(path), 'no request waits for it');
  await eventually('the file', () => existsSync(path));
  assert.deepEqual(readWitness(path), head(100));
});

test('a flush writes at once, and only a new head', async (t) => {
  const path = join(temporaryFolder(t), 'head');
  const writer = createWitnessWriter([path], createMemoryLog().log);
  await writer.flush();
  assert.ok(!existsSync(path));
  writer.moved(head(1));
  await writer.flush();
  assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), head(1));
});

test('a failure is logged once, concerns only its file, and ends when writing succeeds', async (t) => {
  const folder = temporaryFolder(t);
  const [good, bad] = [join(folder, 'head'), join(folder, 'gone', 'head')];
  const { log, lines } = createMemoryLog();
  const writer = createWitnessWriter([good, bad], log);
  for (const seq of [1, 2]) {
    writer.moved(head(seq));
    await writer.flush();
  }
  assert.deepEqual(readWitness(good), head(2));
  assert.deepEqual(
    lines().map(({ level, path }) => ({ level, path })),
    [{ level: 'warn', path: bad }],
  );
  mkdirSync(join(folder, 'gone'));
  writer.moved(head(3));
  await writer.flush();
  assert.deepEqual(readWitness(bad), head(3));
  rmSync(join(folder, 'gone'), { recursive: true });
  writer.moved(head(4));
  await writer.flush();
  assert.equal(lines().length, 2);
});
