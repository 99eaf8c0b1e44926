// Passphrases come from a file or a prompt. Without either, a command names the option that it needs.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { askPassphrase, newPassphrase } from '../../src/input/passphrase.ts';
import { temporaryFolder } from '../fake-admin.ts';
import { createFakeProcess } from '../fake-process.ts';

const USAGE = { name: 'CliError', status: 2 };

test('reads a new passphrase from a file, without the last line end', async (t) => {
  const file = join(temporaryFolder(t), 'passphrase');
  writeFileSync(file, ' correct horse ✓\n', { mode: 0o600 });
  assert.equal(await newPassphrase({ file }, createFakeProcess()), ' correct horse ✓');
});

test('returns no new passphrase without an option for one', async () => {
  assert.equal(await newPassphrase({}, createFakeProcess({ terminal: true })), undefined);
});

test('refuses a file together with a prompt, and a prompt without a terminal', async () => {
  const process = createFakeProcess();
  await assert.rejects(newPassphrase({ file: 'x', ask: true }, process), USAGE);
  await assert.rejects(newPassphrase({ ask: true }, process), {
    ...USAGE,
    message: /give --passphrase-file$/,
  });
  await assert.rejects(askPassphrase('ca.pem', '--key-passphrase-file', process), {
    ...USAGE,
    message: 'no terminal to ask for the passphrase of ca.pem: give --key-passphrase-file',
  });
});
