// The client against servers of others: a site in Flask, nginx with Basic and with client certificates, and
// Apache with Digest.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  openAsBlob,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, it, type TestContext } from 'node:test';
import { basic, client, cookies, digest, HttpError, type Middleware, retry, trust } from '@gatehouse/client';
import { clientProfile } from '@gatehouse/x509';
import { gatehouse } from '../../packages/cli/test/fake-process.ts';
import { startApacheDigest } from '../support/apache-digest.ts';
import { startNginx } from '../support/nginx.ts';
import { freePorts } from '../support/ports.ts';
import { startProgram, without, withoutPython } from '../support/programs.ts';
import { createTestAuthority } from '../support/test-authority.ts';

const password = { username: 'ada', password: 'correct-horse' };
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-client-'));
chmodSync(folder, 0o755); // Apache and nginx serve as another user
after(() => rmSync(folder, { recursive: true, force: true }));

function open(t: TestContext, ...middleware: Middleware[]) {
  const opened = client().with(...middleware);
  t.after(() => opened.close());
  return opened;
}

function folderFor(name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

const noFlask = withoutPython(['flask'], 'python3-flask');

describe('the client and a site in Flask', { skip: noFlask }, async () => {
  if (noFlask) return;
  const script = join(import.meta.dirname, '../support/flask-site.py');
  const { port, stop } = await startProgram('python3', ['-B', script], /listening on (\d+)/);
  after(stop);
  const site = `http://127.0.0.1:${port}`;

  it('signs in by a form, follows the redirect, and reads a private page with its cookie (RFC 6265)', async (t) => {
    const browser = open(t, cookies());
    assert.equal((await browser.get(`${site}/private`)).status, 401);
    assert.equal(await browser.post(`${site}/login`, { form: password }).text(), 'hello ada');
    assert.equal(await browser.get(`${site}/private`).text(), 'hello ada');
  });

  it('keeps the session in a file that only its owner can read', async (t) => {
    const file = join(folder, 'jar.json');
    await open(t, cookies({ file })).post(`${site}/login`, { form: password }).text();
    assert.equal(await open(t, cookies({ file })).get(`${site}/private`).text(), 'hello ada');
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('sends a query from an object', async (t) => {
    const query = { name: 'ü & =', list: [1, 2], missing: undefined };
    const answer = await open(t).get(`${site}/query?a=b`, { query }).json();
    assert.deepEqual(answer, { a: ['b'], name: ['ü & ='], list: ['1', '2'] });
  });

  it('uploads a file, and a stream, as multipart/form-data (RFC 7578)', async (t) => {
    const content = Buffer.alloc(300_000, 'gatehouse ');
    const path = join(folder, 'upload.bin');
    writeFileSync(path, content);
    const sha256 = createHash('sha256').update(content).digest('hex');
    const blob = new File([await openAsBlob(path, { type: 'text/x-test' })], 'a "b".txt', {
      type: 'text/x-test',
    });
    const stream = { stream: Readable.from([content]), filename: 'ü.bin' };
    const send = (file: typeof blob | typeof stream) =>
      open(t)
        .post(`${site}/upload`, { multipart: { title: 'the title', file } })
        .json();
    assert.deepEqual(await send(blob), {
      title: 'the title',
      filename: 'a "b".txt',
      type: 'text/x-test',
      sha256,
    });
    const type = 'application/octet-stream';
    assert.deepEqual(await send(stream), { title: 'the title', filename: 'ü.bin', type, sha256 });
  });

  it('signs in by Basic (RFC 7617)', async (t) => {
    assert.equal(await open(t, basic(password)).get(`${site}/basic`).text(), 'basic');
  });

  it('reports an error with its status, its problem and its text (RFC 9457)', async (t) => {
    await assert.rejects(open(t).get(`${site}/problem`).json(), (error) => {
      assert.ok(error instanceof HttpError);
      assert.deepEqual([error.status, error.problem?.detail], [410, 'the note was removed']);
      assert.match(error.message, /answered 410 GONE: the note was removed$/i);
      return true;
    });
    assert.equal((await open(t).get(`${site}/problem`)).status, 410);
  });

  it('reads server-sent events and lines of JSON as they come', async (t) => {
    const events = await Array.fromAsync(open(t).get(`${site}/events`).sse());
    assert.deepEqual(
      events.map(({ id, data }) => [id, data]),
      [0, 1, 2].map((n) => [String(n), `event ${n}`]),
    );
    const lines = await Array.fromAsync(open(t).get(`${site}/lines`).ndjson<{ n: number }>());
    assert.deepEqual(
      lines.map(({ n }) => n),
      [0, 1, 2],
    );
  });
});

const noApache = without('apache2', '-v');

describe('the client and Apache with Digest', { skip: noApache }, async () => {
  if (noApache) return;
  const [port = 0] = await freePorts(1);
  const apache = await startApacheDigest({ folder: folderFor('apache'), port, ...password });
  after(() => apache.stop());

  it('proves its password (RFC 7616), with MD5, the only algorithm of this server', async (t) => {
    const calling = open(t, digest(password));
    for (const query of ['', '?a=1', '?b=2']) {
      assert.equal(await calling.get(`${apache.url}/page${query}`).text(), 'by digest');
    }
  });

  it('returns the 401 to a wrong password', async (t) => {
    const calling = open(t, digest({ ...password, password: 'wrong' }));
    assert.equal((await calling.get(`${apache.url}/page`)).status, 401);
  });
});

const noNginx = without('nginx', '-v');

describe('the client and nginx', { skip: noNginx }, async () => {
  if (noNginx) return;
  const authority = createTestAuthority();
  const own = folderFor('nginx');
  const [certificate, key, roots] = ['cert.pem', 'key.pem', 'root.pem'].map((name) => join(own, name)) as [
    string,
    string,
    string,
  ];
  const issued = authority.issue();
  writeFileSync(certificate, issued.cert);
  writeFileSync(key, issued.key);
  writeFileSync(roots, authority.root);
  writeFileSync(join(own, 'passwords'), `${password.username}:{PLAIN}${password.password}\n`, {
    mode: 0o644,
  });
  writeFileSync(join(own, 'page'), 'by basic');
  const location = `auth_basic nginx; auth_basic_user_file ${join(own, 'passwords')}; root ${own}; try_files /page =404;`;
  const server = `ssl_client_certificate ${roots}; ssl_verify_client optional;
    location = /certificate { default_type text/plain; return 200 $ssl_client_verify; }
    location = /file { auth_basic off; root ${own}; }
    location = /protocol { default_type text/plain; return 200 $server_protocol; }`;
  const [port = 0, http2Port = 0] = await freePorts(2);
  const nginx = await startNginx({
    folder: own,
    port,
    certificate,
    key,
    location,
    server: `listen 127.0.0.1:${http2Port} ssl http2; ${server}`,
  });
  after(() => nginx.stop());
  const url = `https://localhost:${port}`;
  const ca = authority.root;

  it('signs in by Basic over TLS', async (t) => {
    assert.equal(await open(t, trust({ ca }), basic(password)).get(`${url}/`).text(), 'by basic');
    assert.equal((await open(t, trust({ ca })).get(`${url}/`)).status, 401);
  });

  it('presents its certificate, and none without one', async (t) => {
    const own = authority.issue({ name: 'ada', profile: clientProfile() });
    const known = open(t, trust({ ca, certificate: own.cert, key: own.key }));
    assert.equal(await known.get(`${url}/certificate`).text(), 'SUCCESS');
    assert.equal(await open(t, trust({ ca })).get(`${url}/certificate`).text(), 'NONE');
  });

  it('speaks HTTP/2 if allowed, over one connection, with the same middleware (RFC 9113)', async (t) => {
    const http2 = client({ http2: true }).with(trust({ ca }), basic(password), retry(), cookies());
    t.after(() => http2.close());
    const at = `https://localhost:${http2Port}`;
    assert.equal(await http2.get(`${at}/protocol`).text(), 'HTTP/2.0');
    const texts = await Promise.all(Array.from({ length: 50 }, () => http2.get(`${at}/`).text()));
    assert.deepEqual(new Set(texts), new Set(['by basic']));
    assert.equal((await http2.post(`${at}/protocol`, { body: Buffer.alloc(200_000) })).status, 200);
    const file = join(own, 'downloaded');
    await http2.download(`${at}/`, file);
    assert.equal(readFileSync(file, 'utf8'), 'by basic');
    assert.equal(await open(t, trust({ ca })).get(`${at}/protocol`).text(), 'HTTP/1.1');
  });

  it('also presents its certificate over HTTP/2', async (t) => {
    const { cert, key } = authority.issue({ name: 'ada', profile: clientProfile() });
    const http2 = client({ http2: true }).with(trust({ ca, certificate: cert, key }));
    t.after(() => http2.close());
    assert.equal(await http2.get(`https://localhost:${http2Port}/certificate`).text(), 'SUCCESS');
  });

  it('continues an interrupted download, by Range and If-Range (RFC 9110 §14)', async (t) => {
    const content = Buffer.alloc(3_000_000, 'a large page ');
    writeFileSync(join(own, 'page'), content);
    const file = join(own, 'resumed');
    const http = open(t, trust({ ca }), basic(password));
    const validator = (await http.head(`${url}/`)).headers.get('etag') ?? '';
    writeFileSync(`${file}.part`, content.subarray(0, 1_000_000));
    writeFileSync(`${file}.part.version`, validator);
    const { resumedFrom } = await http.download(`${url}/`, file, { resume: true });
    assert.equal(resumedFrom, 1_000_000);
    assert.ok(readFileSync(file).equals(content));
    writeFileSync(join(own, 'page'), 'by basic');
  });

  it('gatehouse request --continue continues with its part, and begins again if the file has changed', async () => {
    const content = Buffer.alloc(3_000_000, 'a large page ');
    writeFileSync(join(own, 'file'), content);
    const file = join(own, 'continued');
    const args = ['request', `${url}/file`, '--ca', roots, '--download', file, '--continue'];
    const validator = (await client().with(trust({ ca })).head(`${url}/file`)).headers.get('etag') ?? '';
    const leavePart = () => {
      writeFileSync(`${file}.part`, content.subarray(0, 1_000_000));
      writeFileSync(`${file}.part.version`, validator);
    };
    leavePart();
    const { status, stderr } = await gatehouse(args, { env: { GATEHOUSE_DATA: own } });
    assert.equal(status, 0, stderr);
    assert.match(stderr, /HTTP 206 .*going on at 1\.0 MB/s);
    assert.ok(readFileSync(file).equals(content));
    writeFileSync(join(own, 'file'), 'another file');
    leavePart();
    const again = await gatehouse([...args, '--force'], { env: { GATEHOUSE_DATA: own } });
    assert.match(again.stderr, /HTTP 200 /);
    assert.equal(readFileSync(file, 'utf8'), 'another file');
  });
});
