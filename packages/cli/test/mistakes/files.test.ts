// Mistakes with files, folders, addresses and servers: wrong kinds of files, a server that does not run,
// values that do not fit. `@name` is a file in a folder that has one of each kind.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, test } from 'node:test';
import { createFurnishedDesk } from '../desk.ts';
import { gatehouse } from '../fake-process.ts';
import { readMistakes } from './list.ts';

const desk = await createFurnishedDesk({ after });
await desk.done('sign', '@server.csr', '--ca', '@ca.pem', '--ca-key', '@ca.key', '--out', '@server.pem');
for (const folder of ['folder', 'data', 'stopped']) mkdirSync(desk.path(folder));
const CONTENTS = {
  'folder/file': 'x',
  'stopped/gatehouse.db': 'x',
  'text.txt': 'hello\n',
  empty: '',
  pass: 'secret passphrase\n',
  wrong: 'not it\n',
  two: 'a\nb\n',
  'api.key': 'ghk_abcdefghijklmnop_qrstuvwxyz\n',
  token: 'eyJhbGciOiJFUzI1NiJ9.e30.x\n',
  'broken.json': '{ "gateway": ',
  'bad.cedar': 'permit principal;',
};
for (const [name, content] of Object.entries(CONTENTS)) desk.put(name, content);
await desk.done('key', '--out', '@enc.key', '--passphrase-file', '@pass');

for (const { commandLine, answer } of readMistakes('files.txt')) {
  test(`gatehouse ${commandLine}`, async () => {
    const [words = '', secretKey] = commandLine.split(' with SECRET_KEY=');
    const args = words.split(' ').map((word) => (word.startsWith('@') ? desk.path(word.slice(1)) : word));
    const outcome = await gatehouse(args, { env: secretKey === undefined ? {} : { SECRET_KEY: secretKey } });
    const [, status = '', sentence] = /^(\d+) (.*)$/.exec(answer) ?? [];
    const stderr = outcome.stderr.replaceAll(`${desk.folder}/`, '@');
    assert.deepEqual(
      [outcome.status, outcome.stdout, stderr],
      [Number(status), '', `gatehouse: ${sentence}\n`],
    );
  });
}
