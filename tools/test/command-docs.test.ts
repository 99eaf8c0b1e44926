// The pages that are generated from the tables of commands.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { commands } from '../../packages/cli/src/commands.ts';
import { manualPages } from '../build/manual.ts';
import { COMMANDS_PAGE, commandsPage } from '../command-docs.ts';

const groff = spawnSync('groff', ['--version']).error === undefined;
const skip = groff ? false : 'needs groff (apt-get install groff)';

test('docs/command-line.md matches the commands (run: npm run docs)', () => {
  assert.equal(readFileSync(COMMANDS_PAGE, 'utf8'), commandsPage());
});

test('there is a manual page for the program, and one for each command', () => {
  const names = commands.getAllEntries().map(({ name }) => `gatehouse-${name['convert-camel-to-kebab']}.1`);
  const files = manualPages().map(({ file }) => file);
  assert.deepEqual(files, ['gatehouse.1', ...names]);
});

test('groff finds nothing wrong with any manual page', { skip }, () => {
  for (const { file, text } of manualPages()) {
    const { status, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-z'], {
      input: text,
      encoding: 'utf8',
    });
    assert.deepEqual([status, stderr], [0, ''], file);
  }
});

test('a manual page has options with their dashes, examples with their line breaks, and the exit status', {
  skip,
}, () => {
  const page = manualPages().find(({ file }) => file === 'gatehouse-cert.1');
  const args = ['-man', '-Tascii', '-P-cbou', '-rLL=80n'];
  const { stdout } = spawnSync('groff', args, { input: page?.text ?? '', encoding: 'utf8' });
  assert.match(stdout, /^ {7}gatehouse-cert - Certificates from the running server$/m);
  assert.match(stdout, /^ {7}--key-type KIND$/m);
  assert.match(stdout, /gatehouse cert renew www\.example\.com\.pem --watch --exec 'nginx -s reload'$/m);
  assert.match(stdout, /^ {7}5 +The server's certificate is not trusted$/m);
});
