// The system's store on Linux: the real update-ca-certificates, on the test's own folders.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCertificate } from '@gatehouse/x509';
import {
  type AnchorFolder,
  findAnchorFolder,
} from '../../../../src/commands/ca/trust-stores/anchor-folder.ts';
import {
  createRun,
  type Root,
  type Run,
  rootOf,
  type TrustStore,
} from '../../../../src/commands/ca/trust-stores/store.ts';
import { applyTo } from '../../../../src/commands/ca/trust-stores/trust.ts';
import { temporaryFolder } from '../../../fake-admin.ts';
import { makeRoot } from '../../../fake-authority.ts';

const UPDATE = '/usr/sbin/update-ca-certificates';
const needsUpdate = missing();
// Programs that every machine with Node has.
const FAILS = [process.execPath, '--eval', 'process.exit(1)'];
const SUCCEEDS = [process.execPath, '--eval', ''];

function missing(): string | false {
  if (!existsSync(UPDATE)) return 'needs update-ca-certificates (apt-get install ca-certificates)';
  return spawnSync('openssl', ['version']).error ? 'needs openssl (apt-get install openssl)' : false;
}

test('openssl trusts the root until --undo', { skip: needsUpdate }, async (t) => {
  const { store, root, bundle, hashed } = debian(t);
  const others = readFileSync(bundle, 'utf8');
  assert.deepEqual(await applyTo(store, root, {}), { store: store.name, outcome: 'added' });
  assert.ok(readFileSync(bundle, 'utf8').includes(root.pem.trim()));
  assert.equal(opensslTrusts(root, hashed), true);
  assert.equal((await applyTo(store, root, {})).outcome, 'present');
  assert.equal((await applyTo(store, root, { undo: true })).outcome, 'removed');
  assert.equal(opensslTrusts(root, hashed), false);
  assert.deepEqual(danglingLinks(hashed), []);
  assert.equal(readFileSync(bundle, 'utf8'), others);
  assert.equal((await applyTo(store, root, { undo: true })).outcome, 'absent');
});

test('changes nothing if only the superuser may write, and prints the command to run', async (t) => {
  const parent = temporaryFolder(t);
  chmodSync(parent, 0o755);
  const folder = join(parent, 'anchors');
  mkdirSync(folder, { mode: 0o555 });
  const store = storeOn({ folder, ending: '.crt', update: SUCCEEDS });
  const root = sampleRoot(t);
  const report = await asOtherUser(() => applyTo(store, root, {}));
  assert.equal(report.outcome, 'not permitted');
  assert.match(report.command ?? '', /^sudo install -m 644 .*root\.pem .*gatehouse-.*\.crt && sudo .*$/);
});

const NOBODY = 65_534;

/** Runs `act` as a user who is not the superuser. */
async function asOtherUser<T>(act: () => Promise<T>): Promise<T> {
  const isSuperuser = process.geteuid?.() === 0;
  if (isSuperuser) process.seteuid?.(NOBODY);
  try {
    return await act();
  } finally {
    if (isSuperuser) process.seteuid?.(0);
  }
}

test('leaves no file when the system’s program fails', async (t) => {
  const folder = temporaryFolder(t);
  const root = sampleRoot(t);
  const report = await applyTo(storeOn({ folder, ending: '.crt', update: FAILS }), root, {});
  assert.equal(report.outcome, 'failed');
  assert.match(report.reason ?? '', /: it ended with 1$/);
  assert.deepEqual(readdirSync(folder), []);
});

test('--dry-run writes nothing', async (t) => {
  const folder = temporaryFolder(t);
  const report = await applyTo(storeOn({ folder, ending: '.pem', update: FAILS }), sampleRoot(t), {
    dryRun: true,
  });
  assert.equal(report.outcome, 'to add');
  assert.match(report.command ?? '', /^sudo install -m 644 /);
  assert.deepEqual(readdirSync(folder), []);
});

test('uses the first folder that exists, and gives a reason if there is none', (t) => {
  const folder = temporaryFolder(t);
  const missing = { folder: join(folder, 'missing'), ending: '.pem', update: ['a'] };
  const run: Run = () => ({ status: 0, stdout: '', reason: '' });
  const found = findAnchorFolder([missing, { folder, ending: '.crt', update: ['b'] }], run);
  assert.equal(found.name, `the system (${folder})`);
  const none = findAnchorFolder([missing], run);
  assert.ok('reason' in none && none.reason.includes(missing.folder));
});

/** Debian's folders below a folder of the test. */
function debian(t: TestContext) {
  const base = temporaryFolder(t);
  const folders = ['local', 'shipped', 'hashed', 'hooks'].map((name) => join(base, name));
  for (const folder of folders) mkdirSync(folder);
  const [local = '', shipped = '', hashed = '', hooks = ''] = folders;
  for (const name of ['One', 'Two']) writeFileSync(join(local, `${name}.crt`), makeRoot(name));
  const update = [
    UPDATE,
    ...['--certsconf', join(base, 'ca-certificates.conf'), '--certsdir', shipped],
    ...['--localcertsdir', local, '--etccertsdir', hashed, '--hooksdir', hooks],
  ];
  writeFileSync(join(base, 'ca-certificates.conf'), '\n');
  const run = createRun(process.env);
  assert.equal(run(update).status, 0);
  const store = storeOn({
    folder: local,
    ending: '.crt',
    update,
    updateAfterRemoval: [...update, '--fresh'],
  });
  return { store, root: sampleRoot(t), hashed, bundle: join(hashed, 'ca-certificates.crt') };
}

function storeOn(folder: AnchorFolder): TrustStore {
  const store = findAnchorFolder([folder], createRun(process.env));
  return 'reason' in store ? assert.fail(store.reason) : store;
}

function sampleRoot(t: TestContext): Root {
  const path = join(temporaryFolder(t), 'root.pem');
  const pem = makeRoot();
  writeFileSync(path, pem);
  return { ...rootOf(readCertificate(pem)), path };
}

function opensslTrusts({ path = '' }: Root, folder: string): boolean {
  return spawnSync('openssl', ['verify', '-no-CAfile', '-no-CAstore', '-CApath', folder, path]).status === 0;
}

function danglingLinks(folder: string): string[] {
  return readdirSync(folder).filter((name) => !existsSync(join(folder, name)));
}
