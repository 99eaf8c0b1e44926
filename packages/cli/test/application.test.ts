// The command line as a whole: help, version, and errors of usage.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import type { CommandFacts, GroupFacts } from '../src/command-facts.ts';
import { COMMON_OPTIONS, groupFacts } from '../src/command-facts.ts';
import { commands } from '../src/commands.ts';
import { gatehouse } from './fake-process.ts';

test('prints its version', async () => {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  assert.deepEqual(await gatehouse(['--version']), { status: 0, stdout: `${version}\n`, stderr: '' });
});

test('prints help for no command, for a group and for a command', async () => {
  for (const args of [[], ['--help'], ['user'], ['user', 'add', '-h'], ['request', '--help']]) {
    const { status, stdout, stderr } = await gatehouse(args);
    assert.equal(status, 0);
    assert.match(stdout, /^Usage\n {2}gatehouse/);
    assert.equal(stderr, '');
  }
});

test('help shows the values of options, every argument, choices, defaults and examples', async () => {
  const helpOf = async (command: string) => (await gatehouse([...command.split(' '), '--help'])).stdout;
  const renew = await helpOf('cert renew');
  assert.match(renew, /^Usage\n {2}gatehouse cert renew \[OPTION\]\.\.\. SERIAL\|FILE\n/);
  assert.match(renew, /^Examples\n {2}gatehouse cert renew www/m);
  assert.match(renew, /^ {6}--exec COMMAND +Run this/m);
  assert.match(renew, /^ {6}--key-type KIND +Kind of key \(default: the old one's\); one of\n +P-256, /m);
  assert.match(renew, /^ {6}--watch +Keep running/m);
  const sign = await helpOf('pki sign');
  assert.match(sign, /^ {2}gatehouse pki sign --ca FILE --ca-key FILE --out FILE \[OPTION\]\.\.\. FILE$/m);
  assert.match(await helpOf('ca'), /^ {2}gatehouse ca trust \[OPTION\]\.\.\. \[FILE\]$/m);
  assert.match(await helpOf('ca trust'), /^ {6}--store system\|nss +Only/m);
  assert.match(await helpOf('up'), /^ {6}--set KEY=VALUE\.\.\. +One setting, for example/m);
  assert.match(await helpOf('audit tail'), /^ {2}-n, --lines N +Number of entries \(default: 20\)$/m);
  assert.match(await helpOf('cert issue'), /NAME\.\.\.$/m);
});

test('every line of every help fits a terminal of 80 columns', async () => {
  const visit = async (words: string[], group: typeof commands): Promise<void> => {
    for (const { name, target } of group.getAllEntries()) {
      const command = [...words, name['convert-camel-to-kebab']];
      const { stdout } = await gatehouse([...command, '--help']);
      for (const line of stdout.split('\n')) assert.ok(line.length <= 80, `${command.join(' ')}: ${line}`);
      if (!('parameters' in target)) await visit(command, target);
    }
  };
  await visit([], commands);
});

function commandsIn(facts: CommandFacts | GroupFacts): CommandFacts[] {
  return facts.kind === 'command' ? [facts] : facts.members.flatMap(commandsIn);
}

test('every command has an example, which has only options of the command, and all required ones', () => {
  for (const { words, description, options } of commandsIn(groupFacts(commands, ['gatehouse']))) {
    const [, text = ''] = description.split('\nExamples\n');
    const examples = text
      .replaceAll(/ \\\n +/g, ' ')
      .trim()
      .split(/\n +/);
    const known = [...options, ...COMMON_OPTIONS].flatMap(({ name, letter }) => [name, letter]);
    const required = options.filter(({ isRequired }) => isRequired).map(({ name }) => name);
    for (const example of examples) {
      assert.ok(example.includes(words.join(' ')), `${words.join(' ')}: ${example}`);
      const [before = ''] = example.replaceAll(/'[^']*'/g, '').split(' -- ');
      const given = [...before.matchAll(/(?<= )--?[a-z][a-z-]*/gi)].map(([option]) => option);
      assert.deepEqual(
        given.filter((option) => !known.includes(option)),
        [],
        example,
      );
      assert.deepEqual(
        required.filter((option) => !given.includes(option)),
        [],
        example,
      );
    }
  }
});

test('help lists every choice of an option', () => {
  for (const { words, options } of commandsIn(groupFacts(commands, ['gatehouse']))) {
    for (const { name, value = '', brief, choices } of options) {
      const missing = choices.filter((choice) => !`${value} ${brief}`.includes(choice));
      assert.deepEqual(missing, [], `${words.join(' ')} ${name}`);
    }
  }
});

test('every command that can replace files has --force with the same text', async () => {
  for (const command of ['cert issue', 'cert sign', 'pki key', 'pki bundle', 'ca request', 'ca fetch']) {
    const { stdout } = await gatehouse([...command.split(' '), '--help']);
    assert.match(stdout, /^ {6}--force +Replace files that exist$/m, command);
  }
});

test('errors name the option with its dashes and its form, and never quote the given value', async () => {
  const errorOf = async (command: string) => (await gatehouse(command.split(' '))).stderr;
  assert.equal(
    await errorOf('key create k --expires-in hunter2'),
    'gatehouse: --expires-in: expected a duration such as 30s, 15m, 12h or 90d; see --help\n',
  );
  assert.equal(
    await errorOf('cert list --status hunter2'),
    'gatehouse: --status: expected one of valid, expired, revoked; see --help\n',
  );
  assert.equal(
    await errorOf('cert issue a.example --lifetime 367d'),
    'gatehouse: --lifetime: expected at most 366d, or what the profile allows; see --help\n',
  );
  assert.equal(await errorOf('key list --data'), 'gatehouse: --data needs a value; see --help\n');
  assert.equal(await errorOf('cert show'), 'gatehouse: SERIAL|FILE is missing; see --help\n');
  assert.equal(await errorOf('pki verify x'), 'gatehouse: --roots is missing; see --help\n');
  assert.equal(await errorOf('audit tail -n'), 'gatehouse: --lines needs a value; see --help\n');
  assert.equal(await errorOf('pki verify x --roots'), 'gatehouse: --roots needs a value; see --help\n');
});

test('reports a failed write to standard output in one sentence, for help, version and groups', async () => {
  for (const args of [['--help'], ['--version'], ['user'], ['user', 'add', '--help']]) {
    const outcome = await gatehouse(args, { brokenOutput: 'ENOSPC' });
    const stderr = 'gatehouse: cannot write to standard output: the disk is full\n';
    assert.deepEqual(outcome, { status: 1, stdout: '', stderr });
  }
});

test('ends quietly when the reader of a pipe has ended, as with | head', async () => {
  assert.deepEqual(await gatehouse(['--help'], { brokenOutput: 'EPIPE' }), {
    status: 0,
    stdout: '',
    stderr: '',
  });
});

test('refuses arguments and a data folder in which Node has replaced octets that are not UTF-8', async () => {
  const { status, stderr } = await gatehouse(['user', 'remove', 'p\ufffdter']);
  assert.deepEqual(
    [status, stderr],
    [2, 'gatehouse: argument 3 is not text in UTF-8: set the terminal to UTF-8\n'],
  );
  const env = { GATEHOUSE_DATA: '/srv/caf\ufffd' };
  const folder = await gatehouse(['status'], { env });
  assert.deepEqual([folder.status, folder.stdout], [2, '']);
  assert.match(folder.stderr, /^gatehouse: GATEHOUSE_DATA is not text in UTF-8: /);
});

test('suggests a command and an option, and exits with 2', async () => {
  assert.deepEqual(await gatehouse(['usr']), {
    status: 2,
    stdout: '',
    stderr: "gatehouse: there is no command 'usr', did you mean 'user'? See 'gatehouse --help'\n",
  });
  assert.deepEqual(await gatehouse(['user', 'add', 'x', '--pasword-stdin']), {
    status: 2,
    stdout: '',
    stderr: 'gatehouse: there is no option --pasword-stdin, did you mean --password-stdin? See --help\n',
  });
});

test('takes --key as curl does: the key of --cert, and not an API key, which would be sent', async () => {
  const { status, stderr } = await gatehouse(['request', '--key', 'robot.key', 'https://localhost/']);
  assert.equal(status, 2);
  assert.equal(stderr, 'gatehouse: --key, --cert-key and --cert-passphrase-file need --cert\n');
});

test('explains how npm passes on options if up gets only the value of one', async () => {
  assert.deepEqual(await gatehouse(['up', 'http://127.0.0.1:3000']), {
    status: 2,
    stdout: '',
    stderr: 'gatehouse: up takes no arguments; with npm write: npm start -- --upstream URL; see --help\n',
  });
});

test('exits with 2 for missing, extra, repeated and malformed arguments', async () => {
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
