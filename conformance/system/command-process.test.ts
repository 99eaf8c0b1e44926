// The real process: it ends with its wrapper, and reports output that cannot be written.
import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url));
const flags = ['--disable-warning=ExperimentalWarning'];
const endless = createServer((_request, response) => {
  const timer = setInterval(() => response.write('x'.repeat(100_000)), 5);
  response.on('close', () => clearInterval(timer));
});
let args: string[];
let folder: string;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-cli-'));
  await once(endless.listen(0, '127.0.0.1'), 'listening');
  args = ['request', `http://127.0.0.1:${(endless.address() as AddressInfo).port}/`, '--data-folder', folder];
});
after(() => {
  endless.closeAllConnections();
  endless.close();
  rmSync(folder, { recursive: true });
});

test('ends quietly when the reader of its output has ended', async () => {
  const child = spawn(process.execPath, [...flags, main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const remarks = text(child.stderr);
  child.stdout.once('data', () => child.stdout.destroy());
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.equal(await remarks, 'HTTP 200 OK\n');
});

test('reports a full disk for its output in one line, and exits with 1', async () => {
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [...flags, main, '--help'], { stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  const remarks = text(child.stderr ?? assert.fail('no standard error'));
  assert.deepEqual(await once(child, 'exit'), [1, null]);
  assert.equal(await remarks, 'gatehouse: cannot write to standard output: the disk is full\n');
});

test('reports a file that accepts only a part of its output', async () => {
  const script = 'trap "" XFSZ; ulimit -f 1; exec "$@" > "$0"';
  const args = [join(folder, 'part'), process.execPath, ...flags, main, 'pki', '--help'];
  const child = spawn('sh', ['-c', script, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const remarks = text(child.stderr);
  assert.deepEqual(await once(child, 'exit'), [1, null]);
  assert.equal(
    await remarks,
    'gatehouse: cannot write to standard output: the file would become larger than the system allows\n',
  );
});

test('does its work when standard error cannot be written', async () => {
  const full = openSync('/dev/full', 'w');
  const args = ['pki', 'key', '--out', join(folder, 'new.key')];
  const child = spawn(process.execPath, [...flags, main, ...args], { stdio: ['ignore', 'ignore', full] });
  closeSync(full);
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.ok(existsSync(join(folder, 'new.key')));
});

test('exits with 1 when the wrapper that started it has ended', async () => {
  const child = fork(main, args, { execArgv: flags, stdio: ['ignore', 'pipe', 'ignore', 'ipc'] });
  await once(output(child), 'data');
  output(child).resume();
  child.disconnect();
  assert.deepEqual(await once(child, 'exit'), [1, null]);
});

test('the channel to the wrapper does not keep it running', async () => {
  const child = fork(main, ['--version'], { execArgv: flags, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  assert.match(await text(output(child)), /^\d+\.\d+\.\d+\n$/);
  assert.deepEqual([child.exitCode ?? (await once(child, 'exit'))[0]], [0]);
});

test('a command other than up does not load the server', async () => {
  const hook = join(folder, 'refuse-server.mjs');
  const refuse = `import { registerHooks } from 'node:module';
    registerHooks({ resolve(name, context, next) {
      if (name === '@gatehouse/server') throw new Error('the server was loaded');
      return next(name, context);
    } });`;
  writeFileSync(hook, refuse);
  const child = spawn(process.execPath, [...flags, '--import', hook, main, 'status', '--data', folder]);
  const remarks = text(child.stderr);
  assert.deepEqual(await once(child, 'exit'), [3, null]);
  assert.match(await remarks, /^gatehouse: .* is not a data folder of Gatehouse/);
});

function output(child: ChildProcess) {
  return child.stdout ?? assert.fail('no standard output');
}
