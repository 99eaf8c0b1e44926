// Secrets from files and standard input.
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { passwordSource, readSecretFile } from '../src/secrets.ts';
import { temporaryFolder } from './fake-admin.ts';
import { createFakeProcess } from './fake-process.ts';

test('reads a secret file without the white space around it', async (t) => {
  const process = createFakeProcess();
  assert.equal(await readSecretFile(secretFile(t, '\n  ghk_1_s_c \r\n'), process), 'ghk_1_s_c');
  assert.equal(process.written.stderr, '');
});

test('remarks on a secret file that other users can read', async (t) => {
  const process = createFakeProcess();
  const path = secretFile(t, 'secret', 0o644);
  assert.equal(await readSecretFile(path, process), 'secret');
  assert.equal(
    process.written.stderr,
    `gatehouse: warning: ${path} can be read by other users: chmod 600 ${path}\n`,
  );
});

test('refuses an empty file, several lines, control characters and what no header holds', async (t) => {
  for (const content of ['', ' \n', 'one\ntwo', 'se cret', 'se\0cret', 'sécret', 'x'.repeat(20_000)]) {
    await assert.rejects(readSecretFile(secretFile(t, content), createFakeProcess()), (error: Error) => {
      assert.equal(error.name, 'CliError');
      if (content.trim() !== '') assert.ok(!error.message.includes(content));
      return true;
    });
  }
});

test('says why a secret file cannot be read', async (t) => {
  const folder = temporaryFolder(t);
  const expected = { name: 'CliError', status: 1, message: /^cannot read .*missing: there is no such file$/ };
  await assert.rejects(readSecretFile(join(folder, 'missing'), createFakeProcess()), expected);
});

test('keeps everything of a password but its last line end', async () => {
  const read = (stdin: string) => passwordSource(true, createFakeProcess({ stdin }))();
  assert.equal(await read(' pass word \n'), ' pass word ');
  assert.equal(await read('two\n\n'), 'two\n');
});

function secretFile(t: TestContext, content: string, mode = 0o600): string {
  const path = join(temporaryFolder(t), 'secret');
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}
