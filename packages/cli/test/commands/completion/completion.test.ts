// gatehouse completion: the scripts in their shells. bash runs with a terminal, as a person uses it.
import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { completionScript } from '../../../src/commands/completion/completion.ts';
import type { Shell } from '../../../src/commands/completion/shells.ts';
import { temporaryFolder } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const hasProgram = (name: string) => spawnSync(name, ['--version']).error === undefined;
const needs = (name: string) => (hasProgram(name) ? false : `needs ${name} (apt-get install ${name})`);

/** A folder with the script, a file and a folder. */
function folderWith(t: TestContext, shell: Shell): string {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'script'), completionScript(shell));
  writeFileSync(join(folder, 'root file.pem'), '');
  mkdirSync(join(folder, 'rooms'));
  return folder;
}

function outputOf({ status, stdout, stderr }: SpawnSyncReturns<string>): string {
  assert.equal(status, 0, stderr);
  assert.equal(stderr, '');
  return stdout;
}

type Complete = (line: string) => string[];

/** The shell's proposals for the last word of a line. */
const completions: Record<Shell, (folder: string) => Complete> = {
  bash: (folder) => (line) => {
    const words = line.split(' ').map((word) => `'${word}'`);
    const program = `source ./script; COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}
      _gatehouse; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return linesOf(outputOf(spawnSync('bash', ['--norc', '-c', program], { cwd: folder, encoding: 'utf8' })));
  },
  zsh: (folder) => (line) => {
    const words = line.split(' ').map((word) => `'${word}'`);
    // Replacements for functions of zsh that work only in its editor.
    const program = `compdef() { }
      _describe() { local name=$@[-1]; print -rl -- "\${(@)\${(P)name}%%:*}" | grep -e "^$words[CURRENT]" }
      compadd() { print -rl -- "\${(@)choices}" }; _files() { print -rl -- "files $1" }
      source ./script; words=(${words.join(' ')}); CURRENT=${words.length}; _gatehouse; true`;
    return linesOf(outputOf(spawnSync('zsh', ['-f', '-c', program], { cwd: folder, encoding: 'utf8' })));
  },
  fish: (folder) => (line) => {
    const program = `source ./script; complete --do-complete '${line}' | string split --fields 1 \\t; true`;
    const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder };
    const options = { cwd: folder, encoding: 'utf8', env } as const;
    return linesOf(outputOf(spawnSync('fish', ['--no-config', '-c', program], options)));
  },
};

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  test(`${shell} completes commands, options and their choices`, { skip: needs(shell) }, (t) => {
    const complete = completions[shell](folderWith(t, shell));
    assert.deepEqual(complete('gatehouse us'), ['user']);
    assert.ok(complete('gatehouse user ').includes('password'));
    assert.deepEqual(complete('gatehouse acme eab l'), ['list']);
    assert.deepEqual(complete('gatehouse user list --j'), ['--json']);
    assert.deepEqual(complete('gatehouse cert list --status '), ['expired', 'revoked', 'valid']);
    assert.ok(complete('gatehouse request --').includes('--data-folder'));
    assert.deepEqual(complete('gatehouse key create --expires-in '), []);
  });
}

test('bash completes files and folders for options that take one', (t) => {
  const complete = completions.bash(folderWith(t, 'bash'));
  assert.deepEqual(complete('gatehouse user list --cacert ro'), ['rooms', 'root file.pem']);
  assert.deepEqual(complete('gatehouse user list --data ro'), ['rooms']);
  assert.deepEqual(complete('gatehouse pki show ro'), ['rooms', 'root file.pem']);
});

test('bash completes what is typed at a terminal', { skip: needs('script') }, (t) => {
  const folder = folderWith(t, 'bash');
  // The Tab key is pressed twice, after "us" and after "li".
  const typed =
    "gatehouse() { printf 'got'; printf ' <%s>' \"$@\"; }\nsource ./script\ngatehouse us\tli\t\nexit\n";
  const { stdout } = spawnSync('script', ['-qec', 'bash --norc --noprofile -i', '/dev/null'], {
    cwd: folder,
    input: typed,
    encoding: 'utf8',
    env: { ...process.env, TERM: 'dumb' },
  });
  assert.match(stdout, /got <user> <list>/);
});

test('the commands that the help shows print the scripts', async () => {
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const { status, stdout } = await gatehouse(['completion', shell]);
    assert.deepEqual([status, stdout], [0, completionScript(shell)]);
  }
  const { status, stderr } = await gatehouse(['completion', 'tcsh']);
  assert.deepEqual([status, stderr], [2, 'gatehouse: SHELL: expected one of bash, zsh, fish; see --help\n']);
});
