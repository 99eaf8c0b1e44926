// Metrics as text for Prometheus (its text format 0.0.4), with those of Node's process and event loop.
// Loaded at the first reading: the observer of the event loop wakes the process a hundred times a second.
import prometheus from 'prom-client';
import type { Buckets, Metric, Sample } from '../platform/metric.ts';

export interface Exposition {
  text(): Promise<string>;
}

export function createExposition(metrics: readonly Metric[]): Exposition {
  const page = new prometheus.Registry();
  const ofNode = new prometheus.Registry();
  prometheus.collectDefaultMetrics({ register: ofNode });
  const defaults = (ofNode.getMetricsAsArray() as unknown as Described[]).filter(
    ({ name }) => !SUMS.test(name),
  );
  // The types of the library have only its own metrics, which cannot use sums that were counted elsewhere.
  for (const metric of [...metrics.map(described), ...defaults.map(finite)])
    page.registerMetric(metric as never);
  return { text: () => page.metrics() };
}

/** Gauges with names like counters. The same numbers are there by type. */
const SUMS = /^nodejs_active_\w+_total$/;

/** The part of a metric that a registry reads. */
interface Described {
  name: string;
  get(): Promise<{ name: string; help: string; type: string; values: Line[] }>;
}

interface Line {
  metricName?: string;
  labels: Record<string, string | number>;
  value: number;
}

function described({ name, help, kind, read }: Metric): Described {
  return {
    name,
    async get() {
      const samples = await read();
      return { name, help, type: kind, values: samples.flatMap((sample) => linesOf(name, sample)) };
    },
  };
}

function linesOf(name: string, { labels = {}, value, buckets }: Sample): Line[] {
  return buckets ? histogramLines(name, labels, { sum: value, ...buckets }) : [{ labels, value }];
}

/** The buckets of the format are cumulative. */
function histogramLines(
  name: string,
  labels: NonNullable<Sample['labels']>,
  { bounds, counts, sum }: Buckets & { sum: number },
): Line[] {
  let below = 0;
  const lines = counts.map((count, index): Line => {
    below += count;
    return {
      metricName: `${name}_bucket`,
      labels: { ...labels, le: String(bounds[index] ?? '+Inf') },
      value: below,
    };
  });
  return [
    ...lines,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: below },
  ];
}

/** An event loop that was not observed yet has no delay. The library would write NaN. */
function finite(metric: Described): Described {
  return {
    name: metric.name,
    async get() {
      const { name, help, type, values } = await metric.get();
      return { name, help, type, values: values.filter(({ value }) => !Number.isNaN(value)) };
    },
  };
}
