// Commands and options that people know from step-ca, Caddy, Kong, Keycloak, mkcert, curl and HTTPie, and
// what each message says to write instead. All exit with 2, because no server is needed to see them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gatehouse } from '../fake-process.ts';
import { readMistakes } from './list.ts';

for (const { commandLine, answer } of readMistakes('commands.txt')) {
  test(`gatehouse ${commandLine}`, async () => {
    const { status, stdout, stderr } = await gatehouse(commandLine.split(' '));
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, /^gatehouse: there is no (?:command|option) [^,]+, did you mean /);
    assert.equal(/, did you mean (.+)\? See '[a-z ]+ --help'\n$/.exec(stderr)?.[1], answer);
  });
}

for (const { commandLine, answer } of readMistakes('options.txt')) {
  test(`gatehouse ${commandLine}`, async () => {
    const { status, stdout, stderr } = await gatehouse(commandLine.split(' '));
    assert.deepEqual([status, stdout, stderr], [2, '', `gatehouse: there is no option ${answer}\n`]);
  });
}

test('an address that was given as a command is not repeated, because it may have a password', async () => {
  const { stderr } = await gatehouse(['https://alice:hunter2@localhost/']);
  assert.doesNotMatch(stderr, /hunter2/);
});
