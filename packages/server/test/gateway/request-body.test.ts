// The guard of a request body: its size, its rate, and its end.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import type { BodyLimits } from '../../src/gateway/request-body.ts';
import { guardBody } from '../../src/gateway/request-body.ts';
import { refusal } from '../support/errors.ts';

function guarded(limits: Partial<BodyLimits> = {}) {
  const request = Object.assign(new PassThrough(), { complete: false });
  request.on('finish', () => {
    request.complete = true;
  });
  const settings = { maxBytes: 1000, minBytesPerSecond: 100, graceSeconds: 10, ...limits };
  const body = guardBody(request as unknown as IncomingMessage, settings);
  const failed = once(body.stream, 'error').then(([error]) => error as Error);
  failed.catch(() => {});
  return { request, failed, ...body };
}

function mockTimers(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  return (seconds: number) => {
    for (let second = 0; second < seconds; second += 1) t.mock.timers.tick(1000);
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('passes a body up to its limit, and counts it', async () => {
  const { request, stream, bytes } = guarded();
  request.end(Buffer.alloc(1000));
  assert.equal((await buffer(stream)).length, 1000);
  assert.equal(bytes(), 1000);
});

test('fails at the first byte beyond the limit (RFC 9110 §15.5.14)', async () => {
  const { request, stream, failed } = guarded();
  stream.resume();
  request.write(Buffer.alloc(1000));
  request.write(Buffer.alloc(1));
  refusal('content_too_large', /1000/)(await failed);
});

test('fails when the client goes away before the end', async () => {
  const { request, stream, failed } = guarded();
  stream.resume();
  request.write('begin');
  request.destroy();
  refusal('bad_request', /cut off/)(await failed);
});

test('discards what comes after a failure, so that the connection can close in order', async () => {
  const { request, stream, failed } = guarded();
  stream.resume();
  request.write(Buffer.alloc(2000));
  await failed;
  const ended = once(request, 'end');
  request.end(Buffer.alloc(100_000));
  await ended;
});

test('fails when nothing comes for the grace time (RFC 9110 §15.5.9)', async (t) => {
  const pass = mockTimers(t);
  const { stream, failed } = guarded();
  stream.resume();
  pass(9);
  assert.equal(stream.destroyed, false);
  pass(1);
  refusal('request_timeout')(await failed);
});

test('fails when less than the rate comes, and not before', async (t) => {
  const pass = mockTimers(t);
  const { request, stream, failed } = guarded({ maxBytes: 1e9 });
  stream.resume();
  for (let second = 0; second < 60; second += 1) {
    request.write(Buffer.alloc(100));
    await settled();
    pass(1);
  }
  assert.equal(stream.destroyed, false);
  for (let second = 0; second < 25 && !stream.destroyed; second += 1) {
    request.write(Buffer.alloc(50));
    await settled();
    pass(1);
  }
  refusal('request_timeout')(await failed);
});

test('after a fast beginning, silence may still not last longer than the grace time', async (t) => {
  const pass = mockTimers(t);
  const { request, stream, failed } = guarded({ maxBytes: 1e9 });
  stream.resume();
  request.write(Buffer.alloc(1_000_000));
  await settled();
  pass(11);
  refusal('request_timeout')(await failed);
});

test('time in which the upstream does not read does not count against the client', async (t) => {
  const pass = mockTimers(t);
  const { request, stream } = guarded({ maxBytes: 1e9 });
  request.write(Buffer.alloc(1_000_000));
  await settled();
  assert.ok(stream.writableNeedDrain);
  pass(100);
  assert.equal(stream.destroyed, false);
  stream.destroy();
});

test('a rate of 0 allows any silence', async (t) => {
  const pass = mockTimers(t);
  const { stream } = guarded({ minBytesPerSecond: 0 });
  stream.resume();
  pass(1000);
  assert.equal(stream.destroyed, false);
  stream.destroy();
});
