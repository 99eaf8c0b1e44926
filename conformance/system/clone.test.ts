// The command in a clone of the repository, as the README writes it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from '../support/conditions.ts';
import { gatehouse, run, up, upArguments } from '../support/gatehouse-command.ts';
import { COMMAND } from '../support/program.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

test('./gatehouse is the command of the clone, from any folder, and forwards arguments and exit status', async () => {
  const { stdout, status } = await run(join(root, 'gatehouse'), ['--version'], { cwd: '/' });
  assert.deepEqual([stdout, status], [(await run(COMMAND, ['--version'])).stdout, 0]);
  const refused = await run(join(root, 'gatehouse'), ['no such command'], { cwd: '/' });
  assert.match(refused.stderr, /no such command/);
  assert.equal(refused.status, (await run(COMMAND, ['no such command'])).status);
});

test('a link to ./gatehouse is also the command', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-clone-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  symlinkSync(join(root, 'gatehouse'), join(folder, 'gatehouse'));
  assert.equal((await run(join(folder, 'gatehouse'), ['--version'], { cwd: '/' })).status, 0);
});

const onLinux = { skip: process.platform !== 'linux' && 'needs /proc' };

test(
  'the server replaces the process of ./gatehouse, and commands in its folder need not name the data folder',
  onLinux,
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-clone-'));
    const [project, other] = [join(folder, 'project'), join(folder, 'other')];
    for (const place of [project, other]) mkdirSync(place);
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const server = await up({
      program: join(root, 'gatehouse'),
      data: join(project, '.gatehouse'),
      cwd: project,
    });
    t.after(server.stop);
    assert.equal(server.wrapper.pid, server.pid, 'no second process waits');
    const used = await gatehouse(['ca', 'fingerprint'], { cwd: project });
    assert.equal(used.status, 0, used.stderr);
    // The mode in a clone under umask 077.
    cpSync(join(project, '.gatehouse'), join(other, '.gatehouse'), {
      recursive: true,
      filter: (path) => !path.endsWith('.sock'),
    });
    chmodSync(join(other, '.gatehouse'), 0o700);
    const refused = await gatehouse(['ca', 'fingerprint'], { cwd: other });
    assert.equal(refused.status, 2);
    assert.match(refused.stderr, /is not a folder in which this user ran 'gatehouse up'/);
  },
);

/** Far more than a start takes, also on a machine that does several other things. */
const START_MS = 60_000;

test(
  'npm start runs npm and its shell beside the server, and SIGTERM to npm ends all of them',
  onLinux,
  async (t) => {
    const data = mkdtempSync(join(tmpdir(), 'gatehouse-clone-'));
    t.after(() => rmSync(data, { recursive: true, force: true }));
    const npm = spawn('npm', ['start', '--', ...upArguments({ data })], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    t.after(() => npm.kill('SIGKILL'));
    npm.stdout.resume();
    const control = join(data, 'control.json');
    await eventually('the server', () => existsSync(control), START_MS);
    const { pid } = JSON.parse(readFileSync(control, 'utf8')) as { pid: number };
    const shell = parentOf(pid);
    assert.deepEqual([parentOf(shell), readFileSync(`/proc/${shell}/comm`, 'utf8')], [npm.pid, 'sh\n']);
    npm.kill('SIGTERM');
    await eventually('the end of the server', () => !existsSync(`/proc/${pid}`));
    assert.equal(existsSync(join(data, 'control.sock')), false, 'it stopped in order');
  },
);

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

test('no document tells the reader to run npx gatehouse, which could be a package of the registry', () => {
  for (const page of globSync(['*.md', 'docs/**/*.md'], { cwd: root })) {
    assert.doesNotMatch(readFileSync(join(root, page), 'utf8'), /npx gatehouse/, page);
  }
});
