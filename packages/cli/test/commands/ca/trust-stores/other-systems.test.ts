// macOS and Windows: which of their programs would run, and how.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCertificate } from '@gatehouse/x509';
import { createKeychain } from '../../../../src/commands/ca/trust-stores/macos.ts';
import { type RunResult, rootOf } from '../../../../src/commands/ca/trust-stores/store.ts';
import { applyTo } from '../../../../src/commands/ca/trust-stores/trust.ts';
import { createWindowsStore } from '../../../../src/commands/ca/trust-stores/windows.ts';
import { makeRoot } from '../../../fake-authority.ts';

const root = { ...rootOf(readCertificate(makeRoot())), path: '/data/my root.pem' };
const KEYCHAIN = '/Library/Keychains/System.keychain';

test('macOS: the superuser adds to and deletes from the system keychain', async () => {
  const { run, ran } = recorder(() => ({ status: 0, stdout: '', reason: '' }));
  assert.equal((await applyTo(createKeychain(run, true), root, {})).outcome, 'added');
  assert.deepEqual(ran.at(-1), [
    ...['security', 'add-trusted-cert', '-d', '-r', 'trustRoot', '-k', KEYCHAIN, root.path],
  ]);
  const holding = recorder(() => ({ status: 0, stdout: `SHA-256 hash: ${root.sha256}\n`, reason: '' }));
  assert.equal((await applyTo(createKeychain(holding.run, true), root, {})).outcome, 'present');
  assert.equal((await applyTo(createKeychain(holding.run, true), root, { undo: true })).outcome, 'removed');
  assert.deepEqual(holding.ran.at(-1), ['security', 'delete-certificate', '-t', '-Z', root.sha1, KEYCHAIN]);
});

test('macOS: other users get the command to run, quoted for a shell', async () => {
  const { run } = recorder(() => ({ status: 0, stdout: '', reason: '' }));
  const report = await applyTo(createKeychain(run, false), root, {});
  assert.equal(report.outcome, 'not permitted');
  assert.equal(
    report.command,
    `sudo security add-trusted-cert -d -r trustRoot -k ${KEYCHAIN} '/data/my root.pem'`,
  );
});

test('Windows: changes the store of the user, by the fingerprint', async () => {
  const absent = recorder((argv) => ({ status: argv.includes('-store') ? 1 : 0, stdout: '', reason: '' }));
  assert.equal((await applyTo(createWindowsStore(absent.run), root, {})).outcome, 'added');
  assert.deepEqual(absent.ran, [
    ['certutil', '-user', '-store', 'Root', root.sha1],
    ['certutil', '-user', '-addstore', 'Root', root.path],
  ]);
  const present = recorder(() => ({ status: 0, stdout: '', reason: '' }));
  assert.equal((await applyTo(createWindowsStore(present.run), root, { undo: true })).outcome, 'removed');
  assert.deepEqual(present.ran.at(-1), ['certutil', '-user', '-delstore', 'Root', root.sha1]);
});

test('does not run programs that need a file when the root is part of a bundle', async () => {
  const { path: _, ...bundled } = root;
  const { run, ran } = recorder(() => ({ status: 1, stdout: '', reason: '' }));
  const report = await applyTo(createWindowsStore(run), bundled, {});
  assert.equal(report.outcome, 'failed');
  assert.match(report.reason ?? '', /name one/);
  assert.equal(ran.length, 1);
});

function recorder(answer: (argv: readonly string[]) => RunResult) {
  const ran: (readonly string[])[] = [];
  const run = (argv: readonly string[]) => {
    ran.push(argv);
    return answer(argv);
  };
  return { run, ran };
}
