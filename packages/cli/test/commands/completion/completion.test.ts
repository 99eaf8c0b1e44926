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

type Complete = (...lines: string[]) => string[][];

/** Ends the proposals for a line. */
const END = '--end--';

/** The shell's proposals, in one run, for the last word of each line. */
const completions: Record<Shell, (folder: string) => Complete> = {
  bash:
    (folder) =>
    (...lines) => {
      const each = lines.map(wordsOf).map(
        (words) => `COMPREPLY=(); COMP_WORDS=(${words.join(' ')}); COMP_CWORD=${words.length - 1}
        _gatehouse; printf '%s\\n' "\${COMPREPLY[@]}"; echo ${END}`,
      );
      const program = ['source ./script', ...each].join('\n');
      const options = { cwd: folder, encoding: 'utf8' } as const;
      return proposals(outputOf(spawnSync('bash', ['--norc', '-c', program], options)));
    },
  zsh:
    (folder) =>
    (...lines) => {
      const each = lines
        .map(wordsOf)
        .map(
          (words) => `words=(${words.join(' ')}); CURRENT=${words.length}; _gatehouse; print -r -- ${END}`,
        );
      // Replacements for functions of zsh that work only in its editor.
      const program = `compdef() { }
      _describe() { local name=$@[-1]; print -rl -- "\${(@)\${(P)name}%%:*}" | grep -e "^$words[CURRENT]" }
      compadd() { print -rl -- "\${(@)choices}" }; _files() { print -rl -- "files $1" }
      source ./script; ${each.join('\n')}; true`;
      const options = { cwd: folder, encoding: 'utf8' } as const;
      return proposals(outputOf(spawnSync('zsh', ['-f', '-c', program], options)));
    },
  fish:
    (folder) =>
    (...lines) => {
      const each = lines.map(
        (line) => `complete --do-complete '${line}' | string split --fields 1 \\t; echo ${END}`,
      );
      const program = ['source ./script', ...each].join('\n');
      const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder };
      const options = { cwd: folder, encoding: 'utf8', env } as const;
      return proposals(outputOf(spawnSync('fish', ['--no-config', '-c', program], options)));
    },
};

const wordsOf = (line: string) => line.split(' ').map((word) => `'${word}'`);

function proposals(text: string): string[][] {
  const parts = text.split(`${END}\n`).slice(0, -1);
  return parts.map((part) =>
    part
      .split('\n')
      .filter((line) => line !== '')
      .sort(),
  );
}

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  test(`${shell} completes commands, options and their choices`, { skip: needs(shell) }, (t) => {
    const complete = completions[shell](folderWith(t, shell));
    const [user, below, options, ...others] = complete(
      'gatehouse us',
      'gatehouse user ',
      'gatehouse request --',
      'gatehouse acme eab l',
      'gatehouse user list --j',
      'gatehouse cert list --status ',
      'gatehouse key create --expires-in ',
    );
    assert.deepEqual(user, ['user']);
    assert.ok(below?.includes('password'));
    assert.ok(options?.includes('--data-folder'));
    assert.deepEqual(others, [['list'], ['--json'], ['expired', 'revoked', 'valid'], []]);
  });
}

test('bash completes files and folders for options that take one', (t) => {
  const complete = completions.bash(folderWith(t, 'bash'));
  assert.deepEqual(
    complete('gatehouse user list --cacert ro', 'gatehouse user list --data ro', 'gatehouse pki show ro'),
    [['rooms', 'root file.pem'], ['rooms'], ['rooms', 'root file.pem']],
  );
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
