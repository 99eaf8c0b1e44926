// gatehouse request: query items, forms with and without files, downloads to a file, and FTP.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

async function serve(t: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A server that answers with the URL, the type, the length and the body of each request. */
function echo(t: TestContext): Promise<string> {
  return serve(t, async (request, response) => {
    const body = await buffer(request);
    const { 'content-type': type, 'content-length': length } = request.headers;
    response.end(JSON.stringify([request.method, request.url, type, length, body.toString('latin1')]));
  });
}

const send = async (t: TestContext, ...words: string[]) => {
  const env = { GATEHOUSE_DATA: temporaryFolder(t) };
  return gatehouse(['request', ...words], { env });
};

test('name==value adds to the query, and does not change the query in the URL', async (t) => {
  const base = await echo(t);
  const { stdout } = await send(t, `${base}/s?a=%20`, 'name==Dave Jones', 'mail==a@b.c', 'x====');
  assert.equal(JSON.parse(stdout)[1], '/s?a=%20&name=Dave+Jones&mail=a%40b.c&x=%3D%3D');
  assert.equal((await send(t, base, 'name')).status, 2);
});

test('--form without a file is a form of pairs', async (t) => {
  const base = await echo(t);
  const { stdout } = await send(t, base, '--form', 'name=Dave', '--form', 'email=dave@dabeaz.com');
  const form = 'application/x-www-form-urlencoded';
  const body = 'name=Dave&email=dave%40dabeaz.com';
  assert.deepEqual(JSON.parse(stdout), ['POST', '/', form, String(body.length), body]);
});

test('--form with a file is multipart/form-data with its length (RFC 7578)', async (t) => {
  const base = await serve(t, async (request, response) => {
    const body = await buffer(request);
    assert.equal(Number(request.headers['content-length']), body.length);
    const parsed = new Response(body, { headers: { 'content-type': request.headers['content-type'] ?? '' } });
    const form = await parsed.formData();
    const file = form.get('file') as File;
    response.end(JSON.stringify([form.get('title'), file.name, file.type, await file.text()]));
  });
  const path = join(temporaryFolder(t), 'a"b.txt');
  writeFileSync(path, 'content\r\n--x');
  const { stdout } = await send(t, base, '--form', 'title=ü=@', '--form', `file@${path}`);
  assert.deepEqual(JSON.parse(stdout), ['ü=@', 'a"b.txt', 'application/octet-stream', 'content\r\n--x']);
  const missing = await send(t, base, '--form', 'file@/nowhere/none');
  assert.deepEqual([missing.status, missing.stdout], [1, '']);
  assert.equal((await send(t, base, '--form', 'a=1', '-d', 'b')).status, 2);
});

test('--download writes a complete new file, and nothing for a refusal', async (t) => {
  const octets = Buffer.alloc(200_000, 7);
  const base = await serve(t, ({ url }, response) => {
    if (url === '/none') return response.writeHead(404).end('no such page');
    if (url === '/half')
      return response.writeHead(200, { 'content-length': 9 }).write('half', () => response.destroy());
    response.end(octets);
  });
  const path = join(temporaryFolder(t), 'file');
  for (const [url, status] of [
    ['/none', 1],
    ['/half', 1],
  ] as const) {
    assert.equal((await send(t, base + url, '--download', path)).status, status);
    assert.equal(existsSync(path), false);
  }
  assert.deepEqual((await send(t, base, '--download', path)).stdout, '');
  assert.ok(readFileSync(path).equals(octets));
  const again = await send(t, base, '--download', path);
  assert.equal(again.status, 1);
  assert.match(again.stderr, /already exists/);
  assert.equal((await send(t, base, '--download', path, '--force')).status, 0);
});

const python = ['python3', '/usr/bin/python3'].find(
  (program) => spawnSync(program, ['-c', 'import pyftpdlib']).status === 0,
);

test('uploads to an FTP server, lists and downloads, with the password from a file', {
  skip: python === undefined ? 'needs python3 with pyftpdlib (apt-get install python3-pyftpdlib)' : false,
}, async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'root'));
  const program = join(import.meta.dirname, '../../../../client/test/ftp/server.py');
  const args = [program, join(folder, 'root')];
  const child = spawn(python ?? '', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill());
  const base = `ftp://robot@localhost:${Number((await once(child.stdout, 'data'))[0])}`;
  const [source, password, target] = ['source', 'password', 'target'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(source, 'a report');
  writeFileSync(password, 's3cret:/\n', { mode: 0o600 });
  const ask = (...words: string[]) => send(t, ...words, '--password-file', password);
  assert.deepEqual(await ask(`${base}/report`, '--data-file', source), { status: 0, stdout: '', stderr: '' });
  assert.equal(readFileSync(join(folder, 'root', 'report'), 'utf8'), 'a report');
  assert.equal((await ask(`${base}/report`)).stdout, 'a report');
  assert.match((await ask(`${base}/`)).stdout, /^ +8 {2}report$/m);
  assert.equal((await ask(`${base}/report`, '--download', target)).status, 0);
  assert.equal(readFileSync(target, 'utf8'), 'a report');
  const missing = await ask(`${base}/none`, '--download', join(folder, 'none'));
  assert.equal(missing.status, 1);
  assert.match(missing.stderr, /refused \/none \(550/);
  assert.equal(existsSync(join(folder, 'none')), false);
  const inUrl = await send(t, `${base.replace('@', ':s3cret%3A%2F@')}/report`);
  assert.equal(inUrl.stdout, 'a report');
  assert.match(inUrl.stderr, /warning: other users can read the password in the URL/);
  assert.equal((await ask(base, '--header', 'a: b')).status, 2);
});
