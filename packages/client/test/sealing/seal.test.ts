// Sealed requests of the client. A gateway in memory replaces the network.
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import {
  gatewayFetch,
  NOW,
  type SignedKeys,
  signedKeys,
} from '../../../protocol/test/support/signed-keys.ts';
import type { HttpRequest, Next } from '../../src/http/middleware.ts';
import { seal } from '../../src/sealing/seal.ts';

function requestTo(href: string, others: Partial<HttpRequest> = {}): HttpRequest {
  const url = new URL(href);
  return {
    method: 'GET',
    url,
    first: url,
    headers: new Headers({ 'x-api-key': 'secret', 'accept-encoding': 'gzip' }),
    content: null,
    replayable: true,
    signal: new AbortController().signal,
    redirect: 'follow',
    secrets: [],
    attempt: 1,
    startedAt: 0,
    ...others,
  };
}

function gatewayOf(current: () => SignedKeys) {
  const sent: HttpRequest[] = [];
  const { send, seen } = gatewayFetch(current);
  const next: Next = async (request) => {
    sent.push(request);
    const { method, headers, content } = request;
    return send(request.url, { method, headers, body: content as BodyInit | null });
  };
  return { next, sent, seen };
}

const HREF = 'https://gw.example/notes?page=2';
const now = () => NOW;

test('the outer request shows nothing of the inner one', async () => {
  const keys = await signedKeys();
  const { next, sent, seen } = gatewayOf(() => keys);
  const response = await seal({ pins: [keys.pin], now })(
    requestTo(HREF, { content: 'hello', method: 'POST' }),
    next,
  );
  assert.equal(await response.text(), 'POST gw.example/notes?page=2 hello');
  assert.equal(response.url, HREF);
  assert.equal(seen.length, 1);
  for (const { url, headers } of sent) {
    assert.equal(url.href, 'https://gw.example/.well-known/ohttp-gateway');
    assert.equal(headers.get('x-api-key'), null);
  }
});

test('fetches the keys once for many requests, and again when they have expired', async () => {
  const keys = await signedKeys();
  let time = NOW;
  const { next, sent } = gatewayOf(() => keys);
  const middleware = seal({ pins: [keys.pin], now: () => time });
  await middleware(requestTo(HREF), next);
  await middleware(requestTo(HREF), next);
  const fetches = () => sent.filter(({ method }) => method === 'GET').length;
  assert.equal(fetches(), 1);
  time += 2 * 3_600_000;
  await assert.rejects(middleware(requestTo(HREF), next), { code: 'seal_trust' });
  assert.equal(fetches(), 2);
});

test('a request that ends while it waits for the keys does not end the others', async () => {
  const keys = await signedKeys();
  const { next } = gatewayOf(() => keys);
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
  const slow: Next = async (request) => {
    if (request.method === 'GET') await mayAnswer;
    request.signal.throwIfAborted();
    return next(request);
  };
  const middleware = seal({ pins: [keys.pin], now });
  const caller = new AbortController();
  const first = middleware(requestTo(HREF, { signal: caller.signal }), slow);
  const second = middleware(requestTo(HREF), slow);
  caller.abort(new Error('no longer needed'));
  await assert.rejects(first, /no longer needed/);
  answer();
  assert.equal((await second).status, 200);
});

test('refuses a different signer, and an older epoch', async () => {
  const first = await signedKeys({ epoch: 2 });
  for (const [later, code] of [
    [await signedKeys({ epoch: 3 }), 'pin'],
    [await signedKeys({ epoch: 1, signer: first.signer }), 'seal_trust'],
  ] as const) {
    let current: SignedKeys = first;
    const { next, seen } = gatewayOf(() => current);
    const middleware = seal({ pins: [first.pin, later.pin], now });
    await middleware(requestTo(HREF), next);
    current = later;
    await assert.rejects(middleware(requestTo(HREF), next), { code });
    assert.equal(seen.length, 1);
  }
});

test('tries again with the time of the gateway, but not with content that cannot be sent twice', async () => {
  const keys = await signedKeys();
  const { next, seen } = gatewayOf(() => keys);
  const late = seal({ pins: [keys.pin], now: () => NOW - 300_000, chunked: false });
  assert.equal((await late(requestTo(HREF), next)).status, 200);
  assert.equal(seen.length, 2);
  const other = seal({ pins: [keys.pin], now: () => NOW - 300_000 });
  assert.equal((await other(requestTo(HREF, { replayable: false }), next)).status, 400);
});

test('does not trust an answer without encryption', async () => {
  const keys = await signedKeys();
  const { next } = gatewayOf(() => keys);
  const plain: Next = async (request) => (request.method === 'POST' ? new Response('hello') : next(request));
  await assert.rejects(seal({ pins: [keys.pin], now })(requestTo(HREF), plain), { code: 'seal_broken' });
});

test('refuses plain HTTP, and sends nothing', async () => {
  const { next, sent } = gatewayOf(() => assert.fail());
  await assert.rejects(seal({ pins: [], now })(requestTo('http://gw.example/'), next), {
    code: 'identity_plaintext',
  });
  assert.deepEqual(sent, []);
});

test('content that is a stream is sealed in chunks', async () => {
  const keys = await signedKeys();
  const { next } = gatewayOf(() => keys);
  const types: (string | null)[] = [];
  const watching: Next = async (request) => {
    types.push(request.headers.get('content-type'));
    if (typeof request.content === 'function') request.content().resume();
    return next({ ...request, content: null });
  };
  const content = () => Readable.from(['part']);
  await assert.rejects(
    seal({ pins: [keys.pin], now })(requestTo(HREF, { method: 'PUT', content, replayable: false }), watching),
  );
  assert.deepEqual(types, [null, 'message/ohttp-chunked-req']);
});
