// gatehouse request --download FILE --continue: the incomplete part stays, and the next run asks for the
// rest.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryFolder } from '../../fake-admin.ts';
import { gatehouse } from '../../fake-process.ts';

const content = Buffer.from(
  Array.from({ length: 300_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff),
);

interface Plan {
  tag?: string | undefined;
  cuts: number[];
  file?: Buffer;
  ignoresIfRange?: boolean;
}

/** A server of one file. `cuts`: the number of octets after which each answer ends early. */
async function serve(t: TestContext, plan: Plan) {
  const asked: (string | undefined)[] = [];
  const server = createServer(({ headers: { range, 'if-range': version } }, response) => {
    asked.push(range);
    const { tag, cuts, file = content } = plan;
    const [, from = ''] = /^bytes=(\d+)-$/.exec(range ?? '') ?? [];
    const begin = from !== '' && (plan.ignoresIfRange || version === tag) ? Number(from) : 0;
    if (begin >= file.length) {
      response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
      return;
    }
    const rest = file.subarray(begin);
    response.writeHead(begin === 0 ? 200 : 206, {
      ...(tag !== undefined && { etag: tag }),
      'content-length': rest.length,
      ...(begin === 0 ? {} : { 'content-range': `bytes ${begin}-${file.length - 1}/${file.length}` }),
    });
    const cut = cuts.shift();
    if (cut === undefined) response.end(rest);
    else response.write(rest.subarray(0, cut), () => response.socket?.end());
  }).listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const folder = temporaryFolder(t);
  const file = join(folder, 'file');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const env = { GATEHOUSE_DATA: folder };
  const run = (...more: string[]) => gatehouse(['request', url, '--download', file, '-c', ...more], { env });
  return { asked, file, folder, run };
}

test('the incomplete part stays, and the next run asks for the rest', async (t) => {
  const { asked, file, folder, run } = await serve(t, { tag: '"1"', cuts: [100_000] });
  const broken = await run();
  assert.equal(broken.status, 1, broken.stderr);
  assert.match(broken.stderr, /ended before the answer was complete|closed the connection/);
  assert.match(broken.stderr, /file\.part.*run the command again/);
  assert.equal(existsSync(file), false);
  const { status, stderr } = await run();
  assert.equal(status, 0, stderr);
  assert.match(stderr, /going on at 100\.0 KB/);
  assert.ok(readFileSync(file).equals(content));
  assert.deepEqual(asked, [undefined, 'bytes=100000-']);
  assert.deepEqual(readdirSync(folder), ['file']);
});

test('with --retry, the same run continues', async (t) => {
  const { asked, file, run } = await serve(t, { tag: '"1"', cuts: [100_000, 100_000] });
  const { status, stderr } = await run('--retry', '2');
  assert.equal(status, 0, stderr);
  assert.equal(asked.length, 3);
  assert.ok(readFileSync(file).equals(content));
});

test('a part of another version is not used', async (t) => {
  const plan: { tag: string; cuts: number[]; file?: Buffer } = { tag: '"1"', cuts: [100_000] };
  const { file, run } = await serve(t, plan);
  await run();
  Object.assign(plan, { tag: '"2"', file: Buffer.alloc(200_000, 'other ') });
  assert.equal((await run()).status, 0);
  assert.ok(readFileSync(file).equals(plan.file ?? content));
});

test('removes a part of another version, if the server ignores If-Range', async (t) => {
  const plan: Plan = { tag: '"1"', cuts: [100_000], ignoresIfRange: true };
  const { file, run } = await serve(t, plan);
  await run();
  Object.assign(plan, { tag: '"2"', file: Buffer.alloc(200_000, 'other ') });
  const { status, stderr } = await run();
  assert.equal(status, 1);
  assert.match(
    stderr,
    /the server has another file than .*file\.part, which was removed: run the command again/,
  );
  assert.equal((await run()).status, 0);
  assert.ok(readFileSync(file).equals(plan.file ?? content));
});

test('without a validator from the server, no part stays', async (t) => {
  const { folder, run } = await serve(t, { tag: undefined, cuts: [100_000] });
  const { stderr } = await run();
  assert.doesNotMatch(stderr, /run the command again/);
  assert.deepEqual(readdirSync(folder), []);
});

test('a complete part becomes the file, and a part that is too long is removed', async (t) => {
  const { file, folder, run } = await serve(t, { tag: '"1"', cuts: [] });
  writeFileSync(`${file}.part`, content);
  writeFileSync(`${file}.part.version`, '"1"');
  assert.equal((await run()).status, 0);
  assert.ok(readFileSync(file).equals(content));
  writeFileSync(`${file}.part`, Buffer.alloc(400_000));
  writeFileSync(`${file}.part.version`, '"1"');
  const { status, stderr } = await run('--force');
  assert.equal(status, 1);
  assert.match(stderr, /another file than .*\.part, which was removed: run the command again/);
  assert.deepEqual(readdirSync(folder), ['file']);
});

test('the body of a refusal is not a part of the file', async (t) => {
  const server = createServer((_request, response) => response.writeHead(404).end('no')).listen(
    0,
    '127.0.0.1',
  );
  t.after(() => server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const folder = temporaryFolder(t);
  const args = ['request', url, '--download', join(folder, 'file'), '--continue'];
  const { status, stdout } = await gatehouse(args, { env: { GATEHOUSE_DATA: folder } });
  assert.deepEqual([status, stdout, readdirSync(folder)], [1, 'no', []]);
});

test('it needs --download', async () => {
  const { status, stderr } = await gatehouse(['request', 'http://127.0.0.1:1/', '--continue']);
  assert.equal(status, 2);
  assert.match(stderr, /--continue needs --download/);
});
