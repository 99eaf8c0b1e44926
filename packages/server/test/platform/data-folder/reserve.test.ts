// Space on the disk for a start: reserved once, and released when the disk is full.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { GatehouseError } from '@gatehouse/access';
import { createReserve } from '../../../src/platform/data-folder/reserve.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const BYTES = 256 * 1024;
const full = () => new GatehouseError('store_full', 'The disk is full.');

test('reserves all of it, and adds what is missing from an earlier reserve', (t) => {
  const path = join(temporaryFolder(t), 'reserve');
  const reserve = createReserve(path);
  writeFileSync(path, 'what an earlier process could set aside');
  for (let i = 0; i < 2; i += 1) {
    assert.equal(reserve.make(), true);
    assert.ok(statSync(path).size >= BYTES && statSync(path).size < BYTES + 4096);
  }
});

test('releases the reserve to work that finds the disk full, and runs the work again', (t) => {
  const path = join(temporaryFolder(t), 'reserve');
  const reserve = createReserve(path);
  reserve.make();
  const needy = () => {
    if (existsSync(path)) throw full();
    return 'done';
  };
  assert.equal(reserve.use(needy), 'done');
  assert.throws(
    () =>
      reserve.use(() => {
        throw full();
      }),
    /disk is full/,
  );
});

test('does not release the reserve when the work fails for another reason', (t) => {
  const path = join(temporaryFolder(t), 'reserve');
  const reserve = createReserve(path);
  reserve.make();
  assert.throws(
    () =>
      reserve.use(() => {
        throw new GatehouseError('store_failed', 'The database failed.');
      }),
    /database failed/,
  );
  assert.ok(existsSync(path));
});

test('on a full disk, reserves as much as possible, and the rest later', (t) => {
  const folder = temporaryFolder(t);
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]).status !== 0) {
    return t.skip('needs root (tmpfs)');
  }
  try {
    const { bavail, bsize } = statfsSync(folder);
    writeFileSync(join(folder, 'filler'), Buffer.alloc(bavail * bsize - BYTES / 2));
    const reserve = createReserve(join(folder, 'reserve'));
    assert.equal(reserve.make(), false);
    assert.equal(statSync(join(folder, 'reserve')).size, BYTES / 2);
    rmSync(join(folder, 'filler'));
    assert.equal(reserve.make(), true);
  } finally {
    spawnSync('umount', [folder]);
  }
});
