// Sealed requests in chunks, through a whole gateway.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import type { Asked, SealedGateway } from '../support/sealed.ts';
import { HOST, octetsOf, PATH, post, readAnswer, sealChunks, startSealedGateway } from '../support/sealed.ts';

const TYPE = 'message/ohttp-chunked-req';
const codeOf = (content: string) => (JSON.parse(content) as { code: string }).code;

async function askInChunks(gateway: SealedGateway, asked: Asked, parts: string[] = []) {
  const octets = parts.map((part) => Buffer.from(part));
  const { request, chunks } = await sealChunks(gateway, asked, octets);
  const response = await post(gateway, Buffer.concat([request.head, ...chunks]), TYPE);
  assert.equal(response.headers.get('content-type'), 'message/ohttp-chunked-res');
  return openChunks(request, await octetsOf(response));
}

type Request = Awaited<ReturnType<typeof sealChunks>>['request'];

async function openChunks(request: Request, octets: Uint8Array) {
  const opened: Uint8Array[] = [];
  const reader = request.readResponse({ octets: (part) => opened.push(part) });
  await reader.read(octets);
  await reader.end();
  return readAnswer(...opened);
}

test('a request in chunks reaches the upstream, and its answer comes back in chunks', async (t) => {
  const gateway = await startSealedGateway(t);
  const answer = await askInChunks(gateway, { method: 'PUT', path: '/notes' }, ['one ', 'two ', 'three']);
  const got = JSON.parse(answer.content);
  assert.deepEqual([answer.status, got.method, got.url, got.body], [200, 'PUT', '/notes', 'one two three']);
  assert.equal(gateway.records[0]?.sealed, true);
});

test('content that is too large for a whole message passes in chunks', async (t) => {
  const gateway = await startSealedGateway(t, {
    serve: (_, response, body) => response.end(`${body.length} ${'y'.repeat(300_000)}`),
  });
  const parts = Array.from({ length: 20 }, () => 'x'.repeat(15_000));
  const { content } = await askInChunks(gateway, { method: 'POST', path: '/' }, parts);
  assert.equal(content, `300000 ${'y'.repeat(300_000)}`);
});

test('each part of the answer arrives as soon as the upstream sends it', async (t) => {
  const next = Promise.withResolvers<void>();
  const gateway = await startSealedGateway(t, {
    async serve(_, response) {
      response.write('first');
      await next.promise;
      response.end('second');
    },
  });
  const { request, chunks } = await sealChunks(gateway, { path: '/events' }, []);
  const response = await post(gateway, Buffer.concat([request.head, ...chunks]), TYPE);
  const opened: Uint8Array[] = [];
  const reader = request.readResponse({ octets: (part) => opened.push(part) });
  for await (const piece of response.body ?? []) {
    await reader.read(piece as Uint8Array);
    if (Buffer.concat(opened).includes('first')) next.resolve();
  }
  await reader.end();
  assert.equal(readAnswer(...opened).content, 'firstsecond');
});

/** Sends the pieces, and leaves the request open. */
function open(gateway: SealedGateway) {
  const headers = { 'content-type': TYPE, host: HOST };
  const outer = httpRequest({ port: gateway.port, host: '127.0.0.1', method: 'POST', path: PATH, headers });
  outer.on('error', () => {});
  return outer;
}

test('each part of the request is forwarded as soon as it arrives', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const gateway = await startSealedGateway(t, {
    serve: (_, response, body) => response.end(body),
  });
  gateway.upstream.onRequest((request) => request.once('data', () => arrived.resolve()));
  const { request, chunks } = await sealChunks(gateway, { method: 'POST' }, [
    Buffer.from('one'),
    Buffer.from('two'),
  ]);
  const outer = open(gateway);
  outer.write(Buffer.concat([request.head, ...chunks.slice(0, 2)]));
  await arrived.promise;
  outer.end(Buffer.concat(chunks.slice(2)));
  const [response] = await once(outer, 'response');
  const pieces: Uint8Array[] = [];
  for await (const piece of response) pieces.push(piece);
  assert.equal((await openChunks(request, Buffer.concat(pieces))).content, 'onetwo');
});

/** The answer, sealed or not. */
async function answerOf(request: Request, outer: ReturnType<typeof open>) {
  const [response] = await once(outer, 'response');
  const pieces: Uint8Array[] = [];
  for await (const piece of response) pieces.push(piece);
  const octets = Buffer.concat(pieces);
  if (response.statusCode !== 200) return { status: response.statusCode, content: octets.toString() };
  return openChunks(request, octets);
}

test('a truncated request is refused, and the upstream never gets its end', async (t) => {
  const arrived = Promise.withResolvers<void>();
  const aborted = Promise.withResolvers<boolean>();
  const gateway = await startSealedGateway(t);
  gateway.upstream.onRequest((request) => {
    request.once('data', () => arrived.resolve());
    request.once('error', () => aborted.resolve(true)).once('end', () => aborted.resolve(false));
  });
  const parts = [Buffer.from('one'), Buffer.from('two')];
  const { request, chunks } = await sealChunks(gateway, { method: 'POST' }, parts);
  const outer = open(gateway);
  outer.write(Buffer.concat([request.head, ...chunks.slice(0, -1)]));
  await arrived.promise;
  outer.end();
  const answer = await answerOf(request, outer);
  assert.deepEqual([answer.status, codeOf(answer.content)], [400, 'sealed_request_invalid']);
  assert.equal(await aborted.promise, true);
});

test('chunks that are moved, repeated, missing or from another request are refused', async (t) => {
  const gateway = await startSealedGateway(t);
  const parts = [Buffer.from('one'), Buffer.from('two')];
  const [mine, other] = [
    await sealChunks(gateway, { method: 'POST' }, parts),
    await sealChunks(gateway, { method: 'POST' }, parts),
  ];
  const [head, one, two, end] = mine.chunks as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const [otherHead, , otherTwo] = other.chunks as [Uint8Array, Uint8Array, Uint8Array];
  for (const chunks of [
    [one, head, two, end],
    [head, two, one, end],
    [head, one, one, two, end],
    [head, two, end],
    [head, one, otherTwo, end],
    [otherHead, one, two, end],
  ]) {
    const outer = open(gateway);
    outer.end(Buffer.concat([mine.request.head, ...chunks]));
    const answer = await answerOf(mine.request, outer);
    assert.equal(answer.status, 400);
    assert.match(codeOf(answer.content), /^sealed_request_(invalid|replayed)$/);
  }
});

test('a request in chunks is accepted once', async (t) => {
  const gateway = await startSealedGateway(t);
  const { request, chunks } = await sealChunks(gateway, { path: '/once' }, []);
  const statuses: unknown[] = [];
  for (let count = 0; count < 2; count++) {
    const outer = open(gateway);
    outer.end(Buffer.concat([request.head, ...chunks]));
    statuses.push((await answerOf(request, outer)).status);
  }
  assert.deepEqual([statuses, gateway.upstream.seen], [[200, 400], ['GET /once']]);
});

test('if the upstream does not take a body, it is not taken from the client', async (t) => {
  const gateway = await startSealedGateway(t);
  const release = Promise.withResolvers<void>();
  gateway.upstream.onRequest((request) => {
    request.pause();
    release.promise.then(() => request.resume());
  });
  const parts = Array.from({ length: 1000 }, () => Buffer.alloc(16_000, 'x'));
  const { request, chunks } = await sealChunks(gateway, { method: 'POST', path: '/' }, parts);
  const outer = open(gateway);
  outer.write(request.head);
  let sent = 0;
  for (const chunk of chunks) {
    sent += chunk.length;
    if (!outer.write(chunk) && !(await drained(outer))) break;
  }
  assert.ok(sent < 15_000_000, `${sent} octets were taken`);
  release.resolve();
  outer.destroy();
});

/** False if no octet is taken for a while. */
function drained(outer: ReturnType<typeof open>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 500);
    outer.once('drain', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
