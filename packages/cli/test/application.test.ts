// The command line as a whole: help, version, and errors of usage.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { gatehouse } from './fake-process.ts';

test('prints its version', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  assert.deepEqual(await gatehouse(['--version']), { status: 0, stdout: `${version}\n`, stderr: '' });
});

test('prints help for nothing, for a group and for a command', async () => {
  for (const args of [[], ['--help'], ['user'], ['user', 'add', '-h'], ['request', '--help']]) {
    const { status, stdout, stderr } = await gatehouse(args);
    assert.equal(status, 0);
    assert.match(stdout, /^Usage\n {2}gatehouse/);
    assert.equal(stderr, '');
  }
});

test('suggests a command and an option, and exits with 2', async () => {
  assert.deepEqual(await gatehouse(['usr']), {
    status: 2,
    stdout: '',
    stderr: "gatehouse: there is no command 'usr', did you mean 'user'?; see 'gatehouse --help'\n",
  });
  assert.deepEqual(await gatehouse(['user', 'add', 'x', '--pasword-stdin']), {
    status: 2,
    stdout: '',
    stderr: 'gatehouse: there is no option --pasword-stdin, did you mean --password-stdin?; see --help\n',
  });
});

test('says how npm hands options on, where up was given the value of one', async () => {
  assert.deepEqual(await gatehouse(['up', 'http://127.0.0.1:3000']), {
    status: 2,
    stdout: '',
    stderr: 'gatehouse: up takes no arguments; with npm write: npm start -- --upstream URL; see --help\n',
  });
});

test('exits with 2 for missing, superfluous, repeated and unreadable arguments', async () => {
  const commands = [
    'user add',
    'user list x',
    'key list --data',
    'key list --data a --data b',
    'audit tail -n 0',
    'status -q',
  ];
  for (const command of [...commands, 'key create k --expires-in 90']) {
    const { status, stderr } = await gatehouse(command.split(' '));
    assert.equal(status, 2, command);
    assert.match(stderr, /^gatehouse: [^\n]+; see --help\n$/);
  }
});
