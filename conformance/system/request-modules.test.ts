// The modules of a request. A short command takes most of its time to start, so a plain request loads one
// small client, and nothing for certificates, cookies, FTP or XML-RPC.
import assert from 'node:assert/strict';
import { isAscii } from 'node:buffer';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { programFile } from '../../packages/cli/bin/clone.mjs';

const command = join(import.meta.dirname, '../../packages/cli/bin/gatehouse.mjs');
const main = join(import.meta.dirname, '../../packages/cli/src/main.ts');
/** Prints the address of each module as it is loaded. */
const hooks = `data:text/javascript,${encodeURIComponent(
  `import { registerHooks } from 'node:module';
   import { writeSync } from 'node:fs';
   registerHooks({ load(url, context, next) { writeSync(2, 'LOADED ' + url + '\\n'); return next(url, context); } });`,
)}`;

/** Prints the name of each module of Node that was loaded. */
const nodeModules = `data:text/javascript,${encodeURIComponent(
  `import process from 'node:process';
   process.on('exit', () => {
     for (const entry of process.moduleLoadList)
       process._rawDebug(entry.replace('NativeModule', 'LOADED'));
   });`,
)}`;

test('a request over plain HTTP loads only the parts of the client that it uses', async (t) => {
  const loaded = await loadedBy(t, main, hooks);
  assert.ok(loaded.some((address) => address.includes('undici/lib/dispatcher/agent.js')));
  const needless =
    /tough-cookie|saxes|basic-ftp|undici\/index|oauth4webapi|packages\/x509\/|packages\/server\//;
  assert.deepEqual(
    loaded.filter((address) => needless.test(address)),
    [],
  );
});

test('the program loads a module of Node when it is first used', async (t) => {
  programFile(); // its build would load more
  const loaded = await loadedBy(t, command, nodeModules);
  assert.ok(loaded.includes('net'));
  const needless = [
    'assert',
    'crypto',
    'tls',
    'http2',
    'zlib',
    'child_process',
    'internal/deps/undici/undici',
  ];
  assert.deepEqual(
    loaded.filter((name) => needless.includes(name)),
    [],
  );
});

test('every file of the program is ASCII, which Node reads much faster', () => {
  const folder = dirname(programFile());
  const files = globSync('**/*.js', { cwd: folder });
  assert.ok(files.length > 100);
  assert.deepEqual(
    files.filter((file) => !isAscii(readFileSync(join(folder, file)))),
    [],
  );
});

/** What a request by `entry` loads, as `preload` prints it. */
async function loadedBy(t: TestContext, entry: string, preload: string): Promise<string[]> {
  const server = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const args = ['--disable-warning=ExperimentalWarning', '--import', preload, entry, 'request', url];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.equal(stdout, 'hello');
  return [...stderr.matchAll(/^LOADED (\S+)$/gm)].map(([, name = '']) => name);
}
