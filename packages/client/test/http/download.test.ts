// Downloads to a file from a server that ends connections early, and that changes its file.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, beforeEach, describe, type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Body, client, type Progress } from '../../src/index.ts';

const content = Buffer.from(
  Array.from({ length: 1_500_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff),
);
const other = Buffer.alloc(1_200_000, 'other ');

/** The server sends `cuts` octets of each answer, and then ends the connection. */
interface Plan {
  file: Buffer;
  tag: string;
  cuts: number[];
  ranges: boolean;
  empty: boolean;
  /** The answer to a request for a part. */
  partly?: { fields: Record<string, string>; rest: Buffer };
}
const usual = (): Plan => ({ file: content, tag: '"1"', cuts: [], ranges: true, empty: false });
let plan = usual();
const asked: (string | undefined)[] = [];

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/gzip') {
    response.setHeader('content-encoding', 'gzip').end(gzipSync(content));
    return;
  }
  if (request.url === '/missing') {
    response.writeHead(404).end('no such file');
    return;
  }
  const { file, tag, ranges, empty } = plan;
  const { range, 'if-range': ifRange } = request.headers;
  asked.push(range);
  if (range !== undefined && plan.partly !== undefined) {
    response.writeHead(206, plan.partly.fields).end(plan.partly.rest);
    return;
  }
  const [, from = ''] = /^bytes=(\d+)-$/.exec(range ?? '') ?? [];
  const begin = ranges && from !== '' && ifRange === tag ? Number(from) : 0;
  if (begin >= file.length) {
    response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
    return;
  }
  const rest = empty ? Buffer.alloc(0) : file.subarray(begin);
  response.writeHead(begin === 0 ? 200 : 206, {
    etag: tag,
    'content-length': rest.length,
    ...(begin === 0 ? {} : { 'content-range': `bytes ${begin}-${file.length - 1}/${file.length}` }),
  });
  const cut = plan.cuts.shift();
  if (cut === undefined) response.end(rest);
  else response.write(rest.subarray(0, cut), () => setTimeout(() => response.destroy(), 20));
}

const server = createServer(answer).listen(0, '127.0.0.1');
await once(server, 'listening');
const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-download-'));
const file = join(folder, 'file');
after(() => {
  server.close();
  server.closeAllConnections();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  asked.length = 0;
  plan = usual();
});

function open(t: TestContext) {
  const opened = client();
  t.after(() => opened.close());
  return opened;
}

describe('a download to a file', () => {
  test('replaces the file when the content is complete, and leaves no other file', async (t) => {
    writeFileSync(file, 'old');
    const { bytes, resumedFrom } = await open(t).download(`${site}/`, file);
    assert.deepEqual([bytes, resumedFrom], [content.length, 0]);
    assert.ok(readFileSync(file).equals(content));
    assert.deepEqual(readdirSync(folder), ['file']);
  });

  test('continues where it stopped, with Range and If-Range (RFC 9110 §13.1.5)', async (t) => {
    plan.cuts = [700_000, 300_000];
    await open(t).download(`${site}/`, file);
    assert.ok(readFileSync(file).equals(content));
    assert.equal(asked.length, 3);
    assert.match(String(asked[1]), /^bytes=\d+-$/);
  });

  test('begins again if the file on the server has changed', async (t) => {
    plan.cuts = [700_000];
    const http = open(t);
    const downloading = http.download(`${site}/`, file, {
      onProgress: () => {
        plan.file = other;
        plan.tag = '"2"';
      },
    });
    await downloading;
    assert.ok(readFileSync(file).equals(other));
  });

  test('leaves an incomplete part, and a later call continues it', async (t) => {
    plan.cuts = [700_000, 0, 0, 0];
    await assert.rejects(open(t).download(`${site}/`, file, { resume: true }), { code: 'disconnected' });
    assert.deepEqual(readdirSync(folder).sort(), ['file.part', 'file.part.version']);
    const { resumedFrom } = await open(t).download(`${site}/`, file, { resume: true });
    assert.ok(resumedFrom > 0 && resumedFrom <= 700_000);
    assert.ok(readFileSync(file).equals(content));
    assert.deepEqual(readdirSync(folder), ['file']);
  });

  test('a complete part is not downloaded again', async (t) => {
    writeFileSync(`${file}.part`, content);
    writeFileSync(`${file}.part.version`, '"1"');
    await open(t).download(`${site}/`, file, { resume: true });
    assert.ok(readFileSync(file).equals(content));
    assert.deepEqual(asked, [`bytes=${content.length}-`]);
  });

  test('does not continue if the file has only a weak validator (RFC 9110 §13.1.5)', async (t) => {
    plan.tag = 'W/"1"';
    plan.cuts = [700_000];
    await assert.rejects(open(t).download(`${site}/`, file), { code: 'disconnected' });
    assert.deepEqual(readdirSync(folder), []);
  });

  test('reports an answer with another part than the requested one, also with a baseUrl', async (t) => {
    const http = client({ baseUrl: site });
    t.after(() => http.close());
    writeFileSync(`${file}.part`, content.subarray(0, 1000));
    writeFileSync(`${file}.part.version`, '"1"');
    plan.empty = true;
    const error = {
      name: 'ConnectError',
      code: 'disconnected',
      message: /127\.0\.0\.1:\d+ sends only a part/,
    };
    await assert.rejects(http.download('/', file, { resume: true }), error);
  });

  for (const [what, fields, rest, outcome] of [
    ['of another version', { etag: '"2"', 'content-range': 'bytes 1000-1999/2000' }, 1000, 'begins again'],
    ['longer than it says', { etag: '"1"', 'content-range': 'bytes 1000-1999/2000' }, 1500, 'protocol'],
  ] as const) {
    test(`a part that is ${what} is not joined to the first (RFC 9110 §15.3.7.3): ${outcome}`, async (t) => {
      writeFileSync(`${file}.part`, content.subarray(0, 1000));
      writeFileSync(`${file}.part.version`, '"1"');
      plan.partly = { fields, rest: Buffer.alloc(rest, 'x') };
      const downloading = open(t).download(`${site}/`, file, { resume: true });
      if (outcome === 'protocol') return assert.rejects(downloading, { code: 'protocol' });
      await downloading;
      assert.ok(readFileSync(file).equals(content));
    });
  }

  test('a server that answers 416 to a request for the whole file is asked once', async (t) => {
    plan.file = Buffer.alloc(0);
    await assert.rejects(open(t).download(`${site}/`, file), { name: 'HttpError', status: 416 });
    assert.equal(asked.length, 1);
  });

  test('removes a part that no later call can continue', async (t) => {
    plan.tag = 'W/"1"';
    plan.cuts = [700_000];
    await assert.rejects(open(t).download(`${site}/`, file, { resume: true }), { code: 'disconnected' });
    assert.deepEqual(readdirSync(folder), []);
  });

  test('does not send a note that is not a validator, and does not write to a part that is a link', async (t) => {
    writeFileSync(`${file}.part`, content.subarray(0, 1000));
    writeFileSync(`${file}.part.version`, '"1"\r\nx: y');
    await open(t).download(`${site}/`, file, { resume: true });
    assert.deepEqual([asked, readFileSync(file).equals(content)], [[undefined], true]);
    writeFileSync(join(folder, 'precious'), 'precious');
    symlinkSync('precious', `${file}.part`);
    await assert.rejects(open(t).download(`${site}/`, file, { resume: true }), /is a link to another file/);
    assert.equal(readFileSync(join(folder, 'precious'), 'utf8'), 'precious');
  });

  test('an error status leaves the old file', async (t) => {
    writeFileSync(file, 'old');
    await assert.rejects(open(t).download(`${site}/missing`, file), { name: 'HttpError', status: 404 });
    assert.equal(readFileSync(file, 'utf8'), 'old');
    assert.deepEqual(readdirSync(folder), ['file']);
  });

  test('decompresses an answer that is compressed although the client did not ask for it', async (t) => {
    await open(t).download(`${site}/gzip`, file);
    assert.ok(readFileSync(file).equals(content));
  });
});

describe('progress', () => {
  test('counts the progress from the first octet of the file, also after an interruption', async (t) => {
    plan.cuts = [700_000];
    const steps: Progress[] = [];
    await open(t).download(`${site}/`, file, { onProgress: (step) => steps.push(step) });
    assert.deepEqual(steps.at(-1), { direction: 'down', bytes: content.length, total: content.length });
  });

  test('counts the octets sent, from a stream and from memory', async (t) => {
    const sent = async (body: Body, headers = {}) => {
      const steps: Progress[] = [];
      await open(t).post(`${site}/missing`, { body, headers, onProgress: (step) => steps.push(step) });
      return steps.filter(({ direction }) => direction === 'up').at(-1);
    };
    const pieces = [Buffer.alloc(1000), Buffer.alloc(500)];
    assert.deepEqual(await sent(Readable.from(pieces)), { direction: 'up', bytes: 1500, total: undefined });
    assert.deepEqual(await sent(Readable.from(pieces), { 'content-length': '1500' }), {
      direction: 'up',
      bytes: 1500,
      total: 1500,
    });
    assert.deepEqual(await sent(Buffer.alloc(10)), { direction: 'up', bytes: 10, total: 10 });
  });
});
