// Secrets from files and standard input.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import {
  passwordSource,
  promptPassword,
  readPassphraseFile,
  readSecretFile,
} from '../../src/input/secrets.ts';
import { temporaryFolder } from '../fake-admin.ts';
import { createFakeProcess, gatehouse } from '../fake-process.ts';

test('reads a secret file without the white space around it', async (t) => {
  const process = createFakeProcess();
  assert.equal(await readSecretFile(secretFile(t, '\n  ghk_1_s_c \r\n'), process), 'ghk_1_s_c');
  assert.equal(process.written.stderr, '');
});

test('warns about a secret file that other users can read', async (t) => {
  const process = createFakeProcess();
  const path = secretFile(t, 'secret', 0o644);
  assert.equal(await readSecretFile(path, process), 'secret');
  assert.equal(
    process.written.stderr,
    `gatehouse: warning: ${path} can be read by other users: chmod 600 ${path}\n`,
  );
});

test('refuses an empty file, several lines, control characters and text that no header can contain', async (t) => {
  for (const content of ['', ' \n', 'one\ntwo', 'se cret', 'se\0cret', 'sécret', 'x'.repeat(20_000)]) {
    await assert.rejects(readSecretFile(secretFile(t, content), createFakeProcess()), (error: Error) => {
      assert.equal(error.name, 'CliError');
      if (content.trim() !== '') assert.ok(!error.message.includes(content));
      return true;
    });
  }
});

test('reports why a secret file cannot be read', async (t) => {
  const folder = temporaryFolder(t);
  const expected = { name: 'CliError', status: 1, message: /^cannot read .*missing: there is no such file$/ };
  await assert.rejects(readSecretFile(join(folder, 'missing'), createFakeProcess()), expected);
});

test('reads a password without its last line end', async () => {
  const read = (stdin: string) => passwordSource(true, createFakeProcess({ stdin }))();
  assert.equal(await read(' pass word \n'), ' pass word ');
  assert.equal(await read('two\n\n'), 'two\n');
});

test('refuses secrets that are not UTF-8, with the place of the octet but no part of the secret', async (t) => {
  const process = createFakeProcess();
  const latin1 = Buffer.from('p\xe4ssword', 'latin1');
  const path = secretFile(t, latin1);
  const expected = (source: string) => (error: Error) => {
    assert.equal(error.name, 'CliError');
    assert.ok(error.message.startsWith(`${source} is not text in UTF-8 (at offset 1 is an octet that`));
    assert.doesNotMatch(error.message, /ssword/);
    return true;
  };
  await assert.rejects(readSecretFile(path, process), expected(path));
  await assert.rejects(readPassphraseFile(path, process), expected(path));
  const stdin = createFakeProcess({ stdin: latin1 });
  await assert.rejects(passwordSource(true, stdin)(), expected('standard input'));
});

test('refuses text from a terminal that does not send UTF-8', async () => {
  const process = createFakeProcess({ stdin: Buffer.from('p\xe4ssword\r', 'latin1'), terminal: true });
  const expected = { name: 'CliError', status: 2, message: /^the typed text is not text in UTF-8: / };
  await assert.rejects(promptPassword(process), expected);
});

test('ignores a byte order mark before a secret', async (t) => {
  const process = createFakeProcess();
  const path = secretFile(t, '\ufeffghk_1_s_c\r\n');
  assert.equal(await readSecretFile(path, process), 'ghk_1_s_c');
  assert.equal(await readPassphraseFile(path, process), 'ghk_1_s_c');
  assert.equal(await passwordSource(true, createFakeProcess({ stdin: '\ufeffpass word\n' }))(), 'pass word');
});

test('reads a secret from a pipe to its end, also in several parts', async (t) => {
  const path = join(temporaryFolder(t), 'pipe');
  const script = 'mkfifo "$0" && { printf "one "; sleep 0.2; printf "phrase\\n"; } > "$0"';
  const writer = spawn('sh', ['-c', script, path], { stdio: 'inherit' });
  t.after(() => writer.kill());
  while (!existsSync(path)) await turn();
  assert.equal(await readPassphraseFile(path, createFakeProcess()), 'one phrase');
});

function secretFile(t: TestContext, content: string | Buffer, mode = 0o600): string {
  const path = join(temporaryFolder(t), 'secret');
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

test('refuses to read a password that a terminal would show, and says what to do', () => {
  const process = createFakeProcess({ terminal: true });
  const expected = { name: 'CliError', status: 2, message: /would show what you type: leave it out, / };
  assert.throws(() => passwordSource(true, process), expected);
});

test('a command that reads the terminal because no file was named says so', async () => {
  const reads = 'Reading what you type, until Ctrl-D. To read a file, name it.\n';
  const env = { SECRET_KEY: 'RVhBTVBMRS1rZXktb2YtMzItb2N0ZXRzLTEyMzQ1Njc=' };
  for (const command of [['hash'], ['fernet', 'encrypt']]) {
    assert.equal((await gatehouse(command, { env, stdin: 'x', terminal: true })).stderr, reads);
    assert.equal((await gatehouse(command, { env, stdin: 'x' })).stderr, '');
  }
});
