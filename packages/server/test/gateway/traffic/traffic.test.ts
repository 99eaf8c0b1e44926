// The sums of what workers report. They never decrease, and their labels come only from the configuration.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProcessReport, RouteReport } from '@gatehouse/dataplane';
import { DURATION_BOUNDS_MS } from '@gatehouse/dataplane';
import { createTraffic } from '../../../src/gateway/traffic/traffic.ts';
import type { Metric, Sample } from '../../../src/platform/metric.ts';
import { createLabelledSums } from '../../../src/platform/metric.ts';

const NONE = [0, 0, 0, 0, 0];
const BUCKETS = new Array<number>(DURATION_BOUNDS_MS.length + 1).fill(0);
const NO_DURATIONS = { buckets: BUCKETS, sumMs: 0 };
const ROUTES = [
  { id: '1:/a', upstream: 'http://a' },
  { id: '2:/*', upstream: 'http://a' },
];

function routeReport(route: string | null, more: Partial<RouteReport> = {}): RouteReport {
  return {
    route,
    requests: [[0, 3, 0, 0, 1], NONE, NONE],
    durations: [{ buckets: BUCKETS.with(1, 4), sumMs: 3 }, NO_DURATIONS, NO_DURATIONS],
    upstreamDurations: NO_DURATIONS,
    upstreamFailures: 0,
    upstreamTimeouts: 0,
    bytesIn: 1,
    bytesOut: 2,
    ...more,
  };
}

function report(more: Partial<ProcessReport> = {}): ProcessReport {
  return {
    routes: [],
    handshakes: [],
    upstreams: [],
    outcomes: [],
    loopDelayMs: 2,
    connections: 5,
    residentBytes: 1000,
    cpuSeconds: 0.5,
    ...more,
  };
}

function setUp(routes: readonly { id: string; upstream: string }[] = ROUTES) {
  const handshakes = createLabelledSums();
  const traffic = createTraffic(handshakes);
  let configured = routes;
  const metrics = new Map(traffic.metrics(() => configured).map((metric) => [metric.name, metric]));
  return {
    traffic,
    handshakes,
    configure: (others: typeof routes) => {
      configured = others;
    },
    read: async (name: string): Promise<readonly Sample[]> => (metrics.get(name) as Metric).read(),
  };
}

test('adds up requests by route, decision and class of status, and omits combinations that never occurred', async () => {
  const { traffic, read } = setUp();
  traffic.counted(0, report({ routes: [routeReport('1:/a')] }));
  traffic.counted(1, report({ routes: [routeReport('1:/a'), routeReport(null)] }));
  assert.deepEqual(await read('gatehouse_gateway_requests_total'), [
    { labels: { route: '1:/a', decision: 'allowed', status: '2xx' }, value: 6 },
    { labels: { route: '1:/a', decision: 'allowed', status: '5xx' }, value: 2 },
    { labels: { route: 'none', decision: 'allowed', status: '2xx' }, value: 3 },
    { labels: { route: 'none', decision: 'allowed', status: '5xx' }, value: 1 },
  ]);
});

test('durations are in seconds, and only for decisions that were made', async () => {
  const { traffic, read } = setUp();
  traffic.counted(0, report({ routes: [routeReport('1:/a')] }));
  traffic.counted(0, report({ routes: [routeReport('1:/a')] }));
  const [sample, ...others] = await read('gatehouse_gateway_request_duration_seconds');
  assert.deepEqual(others, []);
  assert.deepEqual(sample?.labels, { route: '1:/a', decision: 'allowed' });
  assert.equal(sample?.value, 0.006);
  assert.deepEqual([sample?.buckets?.bounds[1], sample?.buckets?.counts[1]], [0.001, 8]);
});

test('a sum never decreases when a worker is replaced, and its open connections are gone', async () => {
  const { traffic, read } = setUp();
  const upstreams = [{ name: 'http://a', connects: 2, failures: 1, open: 1 }];
  traffic.counted(0, report({ routes: [routeReport('1:/a')], upstreams }));
  traffic.exited(0);
  assert.deepEqual(await read('gatehouse_gateway_connections'), []);
  assert.deepEqual(await read('gatehouse_upstream_connections'), []);
  traffic.counted(0, report({ routes: [routeReport('1:/a')], upstreams }));
  assert.deepEqual(
    (await read('gatehouse_gateway_requests_total')).map(({ value }) => value),
    [6, 2],
  );
  assert.deepEqual(await read('gatehouse_upstream_connects_total'), [
    { labels: { upstream: 'http://a' }, value: 4 },
  ]);
  assert.deepEqual(await read('gatehouse_gateway_worker_cpu_seconds_total'), [
    { labels: { worker: '0' }, value: 1 },
  ]);
});

test('open connections to an upstream are those of all workers', async () => {
  const { traffic, read } = setUp();
  for (const worker of [0, 1]) {
    traffic.counted(worker, report({ upstreams: [{ name: 'http://a', connects: 1, failures: 0, open: 3 }] }));
  }
  assert.deepEqual(await read('gatehouse_upstream_connections'), [
    { labels: { upstream: 'http://a' }, value: 6 },
  ]);
});

test('forgets routes and upstreams that are no longer configured', async () => {
  const { traffic, read, configure } = setUp();
  const upstreams = [{ name: 'http://a', connects: 2, failures: 1, open: 1 }];
  traffic.counted(0, report({ routes: [routeReport('1:/a'), routeReport(null)], upstreams }));
  configure([{ id: '1:/b', upstream: 'http://b' }]);
  const routes = (await read('gatehouse_gateway_request_bytes_total')).map(({ labels }) => labels?.route);
  assert.deepEqual(routes, ['none']);
  assert.deepEqual(await read('gatehouse_upstream_connects_total'), []);
});

test('handshakes are those of the gateway, by version and result', () => {
  const { traffic, handshakes } = setUp();
  const count = { version: 'TLSv1.3', result: 'full', count: 2 } as const;
  traffic.counted(0, report({ handshakes: [count, { version: null, result: 'failed', count: 1 }] }));
  assert.deepEqual(handshakes.samples(), [
    { labels: { listener: 'gateway', version: 'TLSv1.3', result: 'full' }, value: 2 },
    { labels: { listener: 'gateway', version: 'none', result: 'failed' }, value: 1 },
  ]);
});

test('adds up outcomes of all workers, each kind under its own name', async () => {
  const { traffic, read } = setUp();
  const outcomes = [{ of: 'sealed', result: 'opened', count: 2 }] as const;
  traffic.counted(0, report({ outcomes: [...outcomes, { of: 'signature', result: 'verified', count: 1 }] }));
  traffic.counted(1, report({ outcomes: [...outcomes] }));
  assert.deepEqual(await read('gatehouse_sealed_requests_total'), [
    { labels: { result: 'opened' }, value: 4 },
  ]);
  assert.deepEqual(await read('gatehouse_signatures_total'), [{ labels: { result: 'verified' }, value: 1 }]);
  assert.deepEqual(await read('gatehouse_channel_requests_total'), []);
});
