// Metrics as text for Prometheus.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createExposition } from '../../src/monitoring/exposition.ts';
import type { Metric } from '../../src/platform/metric.ts';
import { createHistogram, single } from '../../src/platform/metric.ts';

async function linesOf(...metrics: Metric[]): Promise<string[]> {
  const text = await createExposition(metrics).text();
  return text
    .split('\n')
    .filter((line) => metrics.some(({ name }) => new RegExp(`(?:^| )${name}`).test(line)));
}

test('a counter has its help, its type and its samples', async () => {
  const read = () => [
    { labels: { route: '1:/a' }, value: 2 },
    { labels: { route: '2:/*' }, value: 3 },
  ];
  assert.deepEqual(await linesOf({ name: 'x_total', help: 'Some.', kind: 'counter', read }), [
    '# HELP x_total Some.',
    '# TYPE x_total counter',
    'x_total{route="1:/a"} 2',
    'x_total{route="2:/*"} 3',
  ]);
});

test('a value without labels has none', async () => {
  const metric = single({ name: 'x_bytes', help: 'Some.', kind: 'gauge', value: () => 7 });
  assert.deepEqual((await linesOf(metric)).at(-1), 'x_bytes 7');
});

test('the buckets of a histogram are cumulative and end with +Inf, the count', async () => {
  const histogram = createHistogram([0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 8]) histogram.observe(value);
  const read = () => [histogram.sample({ a: 'b' })];
  const lines = await linesOf({ name: 'x_seconds', help: 'Some.', kind: 'histogram', read });
  assert.deepEqual(lines.slice(2), [
    'x_seconds_bucket{a="b",le="0.1"} 2',
    'x_seconds_bucket{a="b",le="1"} 3',
    'x_seconds_bucket{a="b",le="+Inf"} 4',
    'x_seconds_sum{a="b"} 8.65',
    'x_seconds_count{a="b"} 4',
  ]);
});

test('quotes, backslashes and line breaks in labels are escaped', async () => {
  const read = () => [{ labels: { route: '1:/a"b\\c\nd' }, value: 1 }];
  const lines = await linesOf({ name: 'x_total', help: 'Some.', kind: 'counter', read });
  assert.equal(lines.at(-1), 'x_total{route="1:/a\\"b\\\\c\\nd"} 1');
});

test('the metrics of Node’s process and event loop are there, and none is NaN', async () => {
  const text = await createExposition([]).text();
  assert.match(text, /^process_resident_memory_bytes \d+$/m);
  assert.match(text, /^# TYPE nodejs_eventloop_lag_seconds gauge$/m);
  assert.doesNotMatch(text, / nan$/im);
  assert.doesNotMatch(text, /^# TYPE \S+_total gauge$/m);
});
