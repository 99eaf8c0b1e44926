// Handlers of other packages below a path, and the files of a folder.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { GatehouseError } from '@gatehouse/access';
import type { AppDeps } from '../../../src/platform/http/app.ts';
import { createApp } from '../../../src/platform/http/app.ts';
import { mount } from '../../../src/platform/http/mount.ts';
import type { Route } from '../../../src/platform/http/route.ts';
import { createRequestListener } from '../../../src/platform/http/serve.ts';
import { staticFiles } from '../../../src/platform/http/static-files.ts';
import { ALLOW_NONE, appDeps } from '../../support/app.ts';
import { createMemoryLog } from '../../support/memory-log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

async function startServer(t: TestContext, route: Route, more: Partial<AppDeps> = {}) {
  const { log } = createMemoryLog();
  const app = createApp([route], { ...appDeps(log), ...more });
  const server = createServer(createRequestListener(app, log)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  const { port } = server.address() as AddressInfo;
  return async (method: string, path: string, body = '', headers: Record<string, string> = {}) => {
    const length = { 'content-length': Buffer.byteLength(body) };
    const sent = httpRequest({ port, method, path, headers: { ...headers, ...length }, agent: false }).end(
      body,
    );
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      sent.once('response', resolve).once('error', reject);
    });
    return { status: answer.statusCode, headers: answer.headers, text: await text(answer) };
  };
}

const echo = mount({
  name: 'echo',
  path: '/echo',
  permission: 'public',
  summary: 'Echo',
  async handler(incoming, outgoing) {
    const { method, url, originalUrl } = incoming as IncomingMessage & { originalUrl: string };
    outgoing.setHeader('set-cookie', ['a=1', 'b=2']);
    outgoing.statusCode = 202;
    outgoing.end(JSON.stringify({ method, url, originalUrl, body: await text(incoming) }));
  },
});

test('a mounted handler gets every method, the body, and the URL below its path', async (t) => {
  const send = await startServer(t, echo);
  for (const [method, path, url] of [
    ['POST', '/echo/a/b?c=d', '/a/b?c=d'],
    ['PATCH', '/echo', '/'],
    ['DELETE', '/echo?x', '/?x'],
  ] as const) {
    const answer = await send(method, path, 'hello');
    assert.equal(answer.status, 202);
    assert.deepEqual(JSON.parse(answer.text), { method, url, originalUrl: path, body: 'hello' });
    assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
    assert.match(String(answer.headers['x-request-id']), /./);
    assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  }
});

test('a path does not reach the handler if only our router reads it as a path below the mount', async (t) => {
  const send = await startServer(t, echo);
  for (const path of ['/x/../echo/a', '/%65cho/a', '/echoes']) {
    assert.equal((await send('GET', path)).status, 404, path);
  }
});

test('a mount with a permission refuses callers without it', async (t) => {
  const send = await startServer(t, { ...echo, permission: 'echo:Use' }, { policy: ALLOW_NONE });
  assert.equal((await send('POST', '/echo/a')).status, 403);
});

test('if a mounted handler fails, we answer, or the connection ends if the handler has begun its answer', async (t) => {
  const failing = mount({
    name: 'failing',
    path: '/fails',
    permission: 'public',
    summary: 'Fails',
    handler: ({ url }, outgoing) => {
      outgoing.setHeader('set-cookie', 'half=done');
      if (url === '/full') throw new GatehouseError('store_full', 'The disk is full.');
      if (url === '/midway') outgoing.write('half');
      if (url !== '/ok') throw new Error('broken');
      outgoing.end('ok');
    },
  });
  const send = await startServer(t, failing);
  for (const [path, status, code] of [
    ['/fails/now', 500, 'internal'],
    ['/fails/full', 503, 'store_full'],
  ] as const) {
    const answer = await send('GET', path);
    assert.equal(answer.status, status);
    assert.equal(JSON.parse(answer.text).code, code);
    assert.equal(answer.headers['set-cookie'], undefined);
    assert.match(String(answer.headers['x-request-id']), /./);
  }
  await assert.rejects(send('GET', '/fails/midway'));
  assert.equal((await send('GET', '/fails/ok')).text, 'ok');
});

function consoleFolder(t: TestContext): string {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'public', 'assets'), { recursive: true });
  writeFileSync(join(folder, 'public', 'index.html'), '<h1>é');
  writeFileSync(join(folder, 'public', 'assets', 'app-1a2b.js'), 'run()');
  writeFileSync(join(folder, 'public', '.hidden'), 'hidden');
  writeFileSync(join(folder, 'secret'), 'secret');
  symlinkSync(join(folder, 'secret'), join(folder, 'public', 'link'));
  return join(folder, 'public');
}

const files = (folder: string) =>
  staticFiles({
    name: 'console',
    path: '/console',
    permission: 'public',
    summary: 'The console',
    folder,
    headers: { 'content-security-policy': "default-src 'self'" },
    isImmutable: (path) => path.startsWith('assets/'),
  });

test('files are served with their type, and unchanged ones are not sent again (RFC 9110 §13.1.2)', async (t) => {
  const send = await startServer(t, files(consoleFolder(t)));
  for (const path of ['/console', '/console/', '/console/index.html', '/console/?a=b']) {
    const { status, headers, text } = await send('GET', path);
    assert.deepEqual([status, text], [200, '<h1>é'], path);
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    assert.equal(headers['content-security-policy'], "default-src 'self'");
    assert.equal(headers['cache-control'], 'no-cache');
  }
  const script = await send('GET', '/console/assets/app-1a2b.js');
  assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
  assert.match(String(script.headers['cache-control']), /immutable/);
  const again = await send('GET', '/console/assets/app-1a2b.js', '', {
    'if-none-match': `"other", W/${script.headers.etag}`,
  });
  assert.deepEqual([again.status, again.text], [304, '']);
  assert.equal(again.headers['content-length'], undefined);
  assert.equal(again.headers.etag, script.headers.etag);
  const head = await send('HEAD', '/console/index.html');
  assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', '6']);
});

test('files outside the folder, links and hidden files are not served', async (t) => {
  const send = await startServer(t, files(consoleFolder(t)));
  for (const path of [
    '/console/../secret',
    '/console/%2e%2e/secret',
    '/console/..%2Fsecret',
    '/console/%252e%252e%252Fsecret',
    '/console/link',
    '/console/.hidden',
    '/console/assets',
    '/console/%00',
    '/console/%FF',
    '/console/constructor',
  ]) {
    assert.equal((await send('GET', path)).status, 404, path);
  }
  assert.equal((await send('POST', '/console/index.html')).status, 405);
});
