// Databases of NSS, changed with the real certutil in the test's own home folder.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../../packages/cli/test/fake-admin.ts';
import { makeRoot } from '../../packages/cli/test/fake-authority.ts';
import { gatehouse, type Outcome } from '../../packages/cli/test/fake-process.ts';

const needsCertutil =
  spawnSync('certutil', ['--version']).error === undefined
    ? false
    : 'needs certutil (apt-get install libnss3-tools)';

const PLACES = [
  '.pki/nssdb',
  '.mozilla/firefox/ab12.default release',
  'snap/firefox/common/.mozilla/firefox/x.default',
  'snap/chromium/current/.pki/nssdb',
];

test('adds the root once to every database, and --undo removes only that root', {
  skip: needsCertutil,
}, async (t) => {
  const { home, trust } = machine(t, PLACES);
  const before = PLACES.map((place) => nicknames(join(home, place)));
  const added = await trust();
  assert.equal(added.status, 0);
  assert.deepEqual(outcomes(added), ['added', 'added', 'added', 'added']);
  for (const place of PLACES) assert.match(nicknames(join(home, place)), /gatehouse-[0-9a-f]{16} +C,,/);
  assert.deepEqual(outcomes(await trust()), ['present', 'present', 'present', 'present']);
  assert.deepEqual(outcomes(await trust('--undo')), ['removed', 'removed', 'removed', 'removed']);
  assert.deepEqual(
    PLACES.map((place) => nicknames(join(home, place))),
    before,
  );
  assert.deepEqual(outcomes(await trust('--undo')), ['absent', 'absent', 'absent', 'absent']);
});

test('NSS accepts the root for servers until --undo', { skip: needsCertutil }, async (t) => {
  const { home, trust } = machine(t, ['.pki/nssdb']);
  await trust();
  const folder = join(home, '.pki/nssdb');
  const nickname = /gatehouse-[0-9a-f]{16}/.exec(nicknames(folder))?.[0] ?? '';
  const verify = () => spawnSync('certutil', ['-V', '-d', `sql:${folder}`, '-u', 'L', '-n', nickname]).status;
  assert.equal(verify(), 0);
  await trust('--undo');
  assert.notEqual(verify(), 0);
});

test('--dry-run changes nothing and prints the programs that would run', {
  skip: needsCertutil,
}, async (t) => {
  const { home, trust } = machine(t, ['.pki/nssdb']);
  const before = nicknames(join(home, '.pki/nssdb'));
  const { stdout } = await trust('--dry-run', '--no-json');
  assert.match(
    stdout,
    /^to add {9}NSS \(.*\.pki\/nssdb\)\n {15}certutil -A -n gatehouse-[0-9a-f]{16} -t C,, -a -d/m,
  );
  assert.equal(nicknames(join(home, '.pki/nssdb')), before);
});

test('does not change a root that another program added', { skip: needsCertutil }, async (t) => {
  const { home, root, trust } = machine(t, ['.pki/nssdb']);
  const folder = join(home, '.pki/nssdb');
  execFileSync('certutil', ['-A', '-n', 'mine', '-t', 'C,,', '-a', '-d', `sql:${folder}`], { input: root });
  await trust();
  await trust('--undo');
  assert.match(nicknames(folder), /^mine +C,,/m);
});

test('reports why a database is missing or unusable, and exits with 1 if no store has the root', async (t) => {
  const empty = await machine(t, []).trust();
  assert.equal(empty.status, 1);
  assert.match(empty.stdout, /there is no database of Firefox or Chromium: start the browser once/);
  const { home, trust } = machine(t, []);
  mkdirSync(join(home, '.pki/nssdb'), { recursive: true });
  writeFileSync(join(home, '.pki/nssdb/cert8.db'), '');
  const outdated = await trust();
  assert.match(outdated.stdout, needsCertutil ? /it needs the program certutil/ : /its format is outdated/);
});

test('reports the reason for a broken database, and changes the others', {
  skip: needsCertutil,
}, async (t) => {
  const { home, trust } = machine(t, ['.pki/nssdb']);
  mkdirSync(join(home, '.mozilla/firefox/broken'), { recursive: true });
  writeFileSync(join(home, '.mozilla/firefox/broken/cert9.db'), 'nonsense');
  const outcome = await trust();
  assert.equal(outcome.status, 1);
  assert.deepEqual(outcomes(outcome).sort(), ['added', 'failed']);
});

/** A home folder with databases in these places, and the command on it. */
function machine(t: TestContext, places: readonly string[]) {
  const home = temporaryFolder(t);
  const root = makeRoot();
  writeFileSync(join(home, 'root.pem'), root);
  for (const place of places) {
    mkdirSync(join(home, place), { recursive: true });
    execFileSync('certutil', ['-N', '-d', `sql:${join(home, place)}`, '--empty-password']);
  }
  const env = { PATH: process.env.PATH, HOME: home, GATEHOUSE_DATA: home };
  const trust = (...args: string[]) => {
    const json = args.includes('--no-json') ? [] : ['--json'];
    const rest = args.filter((arg) => arg !== '--no-json');
    return gatehouse(['ca', 'trust', '--store', 'nss', ...json, ...rest], { env });
  };
  return { home, root, trust };
}

function outcomes({ stdout }: Outcome): string[] {
  const [{ stores }] = JSON.parse(stdout);
  return stores.map(({ outcome }: { outcome: string }) => outcome);
}

function nicknames(folder: string): string {
  return execFileSync('certutil', ['-L', '-d', `sql:${folder}`], { encoding: 'utf8' });
}
