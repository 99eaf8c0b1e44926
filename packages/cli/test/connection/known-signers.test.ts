import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { knownSigner, rememberSigner, type SignerPlace } from '../../src/connection/known-signers.ts';
import { temporaryFolder } from '../fake-admin.ts';
import { createFakeProcess } from '../fake-process.ts';

const PLACE: SignerPlace = { use: 'seal', origin: 'https://gw.example', roots: 'one' };
const [PIN, OTHER] = ['A', 'B'].map((letter) => `sha256/${letter.repeat(43)}=`) as [string, string];

test('stores a separate signer for each origin, each use, and each set of roots', async (t) => {
  const process = createFakeProcess({ env: { XDG_CONFIG_HOME: temporaryFolder(t) } });
  await rememberSigner(process, PLACE, { pin: PIN, epoch: 7 });
  for (const [place, expected] of [
    [PLACE, PIN],
    [{ ...PLACE, origin: 'https://gw.example:8443' }, undefined],
    [{ ...PLACE, use: 'channel' as const }, undefined],
    [{ ...PLACE, roots: 'two' }, undefined],
    [{ ...PLACE, roots: undefined }, undefined],
  ] as const) {
    assert.equal((await knownSigner(process, place))?.pin, expected, JSON.stringify(place));
  }
});

test('the epoch of a signer only grows, and a new signer starts again', async (t) => {
  const process = createFakeProcess({ env: { XDG_CONFIG_HOME: temporaryFolder(t) } });
  const epochAfter = async (pin: string, epoch: number) => {
    await rememberSigner(process, PLACE, { pin, epoch });
    return (await knownSigner(process, PLACE))?.epoch;
  };
  assert.deepEqual(
    [await epochAfter(PIN, 7), await epochAfter(PIN, 3), await epochAfter(OTHER, 2)],
    [7, 7, 2],
  );
});

test('refuses a damaged file, and says how to fix it', async (t) => {
  const folder = temporaryFolder(t);
  const process = createFakeProcess({ env: { XDG_CONFIG_HOME: folder } });
  mkdirSync(join(folder, 'gatehouse'));
  for (const content of ['{', '{}', '[{"pin": 1}]']) {
    writeFileSync(join(folder, 'gatehouse/known-signers.json'), content);
    await assert.rejects(knownSigner(process, PLACE), /known-signers\.json is damaged: remove it/);
  }
});

test('does not fail if it cannot write to the home folder', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'gatehouse'), 'a file');
  const process = createFakeProcess({ env: { XDG_CONFIG_HOME: folder } });
  await rememberSigner(process, PLACE, { pin: PIN });
  assert.match(process.written.stderr, /warning: the signer is not remembered/);
  assert.equal(await knownSigner(process, PLACE), undefined);
});
