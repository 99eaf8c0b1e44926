// The modules of a request. A short command takes most of its time to start, so a plain request loads one
// small client, and nothing for certificates, cookies, FTP or XML-RPC.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';

const main = join(import.meta.dirname, '../../packages/cli/src/main.ts');
/** Prints the address of each module as it is loaded. */
const hooks = `data:text/javascript,${encodeURIComponent(
  `import { registerHooks } from 'node:module';
   import { writeSync } from 'node:fs';
   registerHooks({ load(url, context, next) { writeSync(2, 'LOADED ' + url + '\\n'); return next(url, context); } });`,
)}`;

test('a request over plain HTTP loads only the parts of the client that it uses', async (t) => {
  const server = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const args = ['--disable-warning=ExperimentalWarning', '--import', hooks, main, 'request', url];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.equal(stdout, 'hello');
  const loaded = [...stderr.matchAll(/^LOADED (\S+)$/gm)].map(([, address = '']) => address);
  assert.ok(loaded.some((address) => address.includes('undici/lib/dispatcher/agent.js')));
  const needless =
    /tough-cookie|saxes|basic-ftp|undici\/index|oauth4webapi|packages\/x509\/|packages\/server\//;
  assert.deepEqual(
    loaded.filter((address) => needless.test(address)),
    [],
  );
});
