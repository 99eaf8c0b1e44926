// Files that commands write: complete, all or none, and never over another file by mistake.
import assert from 'node:assert/strict';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkOutputs, writeOutputs } from '../../src/output/output-files.ts';
import { temporaryFolder } from '../fake-admin.ts';

const FAILED = { name: 'CliError', status: 1 };
const USAGE = { name: 'CliError', status: 2 };

test('writes secret files for this user only, others for all users, and leaves no other file', async (t) => {
  const folder = temporaryFolder(t);
  const [key, certificate] = [join(folder, 'key'), join(folder, 'certificate')];
  const files = [
    { path: key, content: 'secret', isSecret: true },
    { path: certificate, content: Buffer.from('public') },
  ];
  await checkOutputs([key, certificate], {});
  await writeOutputs(files, {});
  assert.deepEqual(readdirSync(folder).sort(), ['certificate', 'key']);
  assert.equal(readFileSync(key, 'utf8'), 'secret');
  assert.equal(statSync(key).mode & 0o777, 0o600);
  assert.equal(statSync(certificate).mode & 0o077, 0o044 & ~process.umask());
});

test('refuses an existing file, before and during the write, unless --force replaces it', async (t) => {
  const folder = temporaryFolder(t);
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  const files = [first, second].map((path) => ({ path, content: 'new' }));
  writeFileSync(second, 'precious', { mode: 0o644 });
  const expected = {
    ...FAILED,
    message: /second: it already exists; name another file, or replace it with --force$/,
  };
  await assert.rejects(checkOutputs([first, second], {}), expected);
  await assert.rejects(writeOutputs(files, {}), expected);
  assert.deepEqual(readdirSync(folder), ['second']);
  assert.equal(readFileSync(second, 'utf8'), 'precious');
  await checkOutputs([first, second], { force: true });
  await writeOutputs(files, { force: true });
  assert.equal(readFileSync(second, 'utf8'), 'new');
});

test('makes a secret file private if it replaces one that others could read', async (t) => {
  const path = join(temporaryFolder(t), 'key');
  writeFileSync(path, 'old');
  chmodSync(path, 0o644);
  await writeOutputs([{ path, content: 'new', isSecret: true }], { force: true });
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test('replaces the target of a symbolic link, and not the link', async (t) => {
  const folder = temporaryFolder(t);
  const [target, path] = [join(folder, 'target'), join(folder, 'link')];
  writeFileSync(target, 'old');
  symlinkSync(target, path);
  await checkOutputs([path], { force: true });
  await writeOutputs([{ path, content: 'new' }], { force: true });
  assert.equal(readFileSync(target, 'utf8'), 'new');
  assert.deepEqual(readdirSync(folder).sort(), ['link', 'target']);
});

test('refuses folders, devices and missing folders', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'sub'));
  const cases: [string, RegExp][] = [
    [join(folder, 'sub'), /it is a folder$/],
    ['/dev/null', /not an ordinary file$/],
    [join(folder, 'none', 'file'), /there is no such folder$/],
  ];
  for (const [path, message] of cases) {
    await assert.rejects(checkOutputs([path], { force: true }), { ...FAILED, message });
  }
});

test('refuses the same file for two outputs, under any name', async (t) => {
  const folder = temporaryFolder(t);
  await assert.rejects(checkOutputs([join(folder, 'a'), `${folder}/./a`], {}), USAGE);
});

test('refuses to replace a file that the command reads, under any name', async (t) => {
  const folder = temporaryFolder(t);
  const [input, other] = [join(folder, 'input'), join(folder, 'other')];
  writeFileSync(input, 'the only key');
  linkSync(input, other);
  await assert.rejects(checkOutputs([other], { force: true, inputs: [undefined, input] }), USAGE);
});

test('writes none of several files if one cannot be written', async (t) => {
  const folder = temporaryFolder(t);
  const files = [join(folder, 'a'), join(folder, 'none', 'b')].map((path) => ({ path, content: '' }));
  await assert.rejects(writeOutputs(files, {}), { ...FAILED, message: /b: there is no such folder$/ });
  assert.deepEqual(readdirSync(folder), []);
});
