// The counts of a data plane process. A report has only the counts since the last one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GatehouseError } from '@gatehouse/access';
import type { EndedRequest } from '../../src/counts/counts.ts';
import { createCounts } from '../../src/counts/counts.ts';
import { DURATION_BOUNDS_MS } from '../../src/counts/route-counts.ts';
import type { TlsFacts } from '../../src/transport/transport.ts';
import { startEngine, talk } from '../support/engine.ts';
import { rawUpstream } from '../support/raw-upstream.ts';

const REQUEST: EndedRequest = {
  route: '1:/*',
  decision: 'allowed',
  status: 200,
  bytesIn: 10,
  bytesOut: 100,
  durationMs: 3,
  upstreamMs: 2,
};
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const NOTHING = { routes: [], handshakes: [], upstreams: [], outcomes: [], loopDelayMs: 0 };

/** The number of durations in the bucket with the upper bound `boundMs`. */
function inBucket(buckets: readonly number[] | undefined, boundMs: number): number | undefined {
  return buckets?.[DURATION_BOUNDS_MS.indexOf(boundMs)];
}

test('counts requests by route, decision and status, with their durations and octets', () => {
  const counts = createCounts();
  counts.ended(REQUEST);
  counts.ended({ ...REQUEST, status: 503, durationMs: 5, upstreamMs: undefined });
  counts.ended({ ...REQUEST, decision: 'denied', status: 403 });
  const [report] = counts.take().routes;
  assert.equal(report?.route, '1:/*');
  assert.deepEqual(report?.requests, [
    [0, 1, 0, 0, 1],
    [0, 0, 0, 1, 0],
    [0, 0, 0, 0, 0],
  ]);
  const [allowed, denied] = report?.durations ?? [];
  assert.deepEqual([inBucket(allowed?.buckets, 5), allowed?.sumMs], [2, 8]);
  assert.deepEqual([inBucket(denied?.buckets, 5), denied?.sumMs], [1, 3]);
  assert.deepEqual(
    [inBucket(report?.upstreamDurations.buckets, 2.5), report?.upstreamDurations.sumMs],
    [2, 4],
  );
  assert.deepEqual([report?.bytesIn, report?.bytesOut], [30, 300]);
});

test('puts a duration into the first bucket that fits, and the longest into the last', () => {
  const counts = createCounts();
  for (const durationMs of [0, 0.5, 0.6, 30_000, 30_001]) counts.ended({ ...REQUEST, durationMs });
  const buckets = counts.take().routes[0]?.durations[0]?.buckets ?? [];
  assert.deepEqual([buckets[0], buckets[1], buckets.at(-2), buckets.at(-1)], [2, 1, 1, 1]);
});

test('leaves out the time of a tunnel from the durations', () => {
  const counts = createCounts();
  counts.ended({ ...REQUEST, status: 101, durationMs: 3_600_000 });
  const [report] = counts.take().routes;
  assert.equal(report?.requests[0]?.[0], 1);
  assert.equal(report?.durations[0]?.sumMs, 0);
});

test('counts requests without a route together, because clients choose their paths', () => {
  const counts = createCounts();
  counts.ended({ ...REQUEST, route: undefined, decision: 'refused', status: 404 });
  counts.unreadable(400);
  const { routes } = counts.take();
  assert.deepEqual(
    routes.map(({ route, requests }) => [route, requests[2]]),
    [[null, [0, 0, 0, 2, 0]]],
  );
});

test('counts handshakes by version and result', () => {
  const counts = createCounts();
  const tls = { version: 'TLSv1.3', resumed: false } as TlsFacts;
  counts.handshake({ tls, failure: undefined });
  counts.handshake({ tls, failure: undefined });
  counts.handshake({ tls: { ...tls, resumed: true }, failure: undefined });
  counts.handshake({ tls: undefined, failure: 'no common version' });
  assert.deepEqual(counts.take().handshakes, [
    { version: 'TLSv1.3', result: 'full', count: 2 },
    { version: 'TLSv1.3', result: 'resumed', count: 1 },
    { version: null, result: 'failed', count: 1 },
  ]);
});

test('counts failures and timeouts of upstreams separately', () => {
  const counts = createCounts();
  counts.upstreamFailed('1:/*', new GatehouseError('upstream_failed', 'failed'));
  counts.upstreamFailed('1:/*', new GatehouseError('upstream_timeout', 'late'));
  counts.upstreamFailed('1:/*', new GatehouseError('upstream_timeout', 'late'));
  const [report] = counts.take().routes;
  assert.deepEqual([report?.upstreamFailures, report?.upstreamTimeouts], [1, 2]);
});

test('reports only new counts, and a closed upstream once more', () => {
  const counts = createCounts();
  counts.ended(REQUEST);
  counts.late(30);
  counts.late(20);
  counts.upstreamConnecting('http://a');
  assert.equal(counts.take().loopDelayMs, 30);
  assert.deepEqual(counts.take(), {
    ...NOTHING,
    upstreams: [{ name: 'http://a', connects: 0, failures: 0, open: 1 }],
  });
  counts.upstreamNotOpened('http://a');
  counts.upstreamClosed('http://a');
  assert.deepEqual(counts.take().upstreams, [{ name: 'http://a', connects: 0, failures: 1, open: 0 }]);
  assert.deepEqual(counts.take(), NOTHING);
});

test('the engine counts served requests, unreadable requests, and its connections', async (t) => {
  const upstream = await rawUpstream(t, (socket) => socket.write(OK));
  const { port, counts, engine } = await startEngine(t, { upstream: upstream.port });
  await talk(port, 'GET /secret?token=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  await talk(port, 'nonsense\r\n\r\n');
  const { routes, upstreams } = counts.take();
  const answered = routes.map(({ route, requests }) => [route, requests]);
  const none = [0, 0, 0, 0, 0];
  assert.deepEqual(answered, [[null, [[0, 1, 0, 0, 0], none, [0, 0, 0, 1, 0]]]]);
  assert.deepEqual(
    upstreams.map(({ connects, failures }) => [connects, failures]),
    [[1, 0]],
  );
  assert.equal(typeof engine.connections(), 'number');
});

test('the engine counts an upstream that cannot be reached', async (t) => {
  const { port, counts } = await startEngine(t, { upstream: 1 });
  await talk(port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  const { routes, upstreams } = counts.take();
  assert.equal(routes.find(({ route }) => route === 'all')?.upstreamFailures, 1);
  assert.deepEqual(upstreams, [{ name: 'http://127.0.0.1:1', connects: 1, failures: 1, open: 0 }]);
});

test('counts outcomes by their code', () => {
  const counts = createCounts();
  for (const result of ['opened', 'replayed', 'opened']) counts.outcome('sealed', result);
  counts.outcome('channel', 'opened');
  assert.deepEqual(counts.take().outcomes, [
    { of: 'sealed', result: 'opened', count: 2 },
    { of: 'sealed', result: 'replayed', count: 1 },
    { of: 'channel', result: 'opened', count: 1 },
  ]);
  assert.deepEqual(counts.take().outcomes, []);
});
