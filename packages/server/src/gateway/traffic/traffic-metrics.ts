// The metrics of the gateway, from the sums of what its workers reported.
import type { OutcomeKind, ProcessReport, UpstreamReport } from '@gatehouse/dataplane';
import { DECISIONS, DURATION_BOUNDS_MS } from '@gatehouse/dataplane';
import type { Metric, Sample } from '../../platform/metric.ts';
import { createLabelledSums } from '../../platform/metric.ts';
import { type DurationSums, type RouteSums, STATUS_CLASSES, type Sums } from './traffic-sums.ts';

const BOUNDS_SECONDS = DURATION_BOUNDS_MS.map((ms) => ms / 1000);

export function routeMetrics(sums: () => Pick<Sums, 'routes'>): Metric[] {
  const each = (samplesOf: (route: string, sums: RouteSums) => Sample[]) => () =>
    [...sums().routes].flatMap(([route, each]) => samplesOf(route, each));
  return [
    {
      name: 'gatehouse_gateway_requests_total',
      help: 'Requests that ended, by route, decision and class of the status.',
      kind: 'counter',
      read: each((route, { requests }) => requestSamples(route, requests)),
    },
    {
      name: 'gatehouse_gateway_request_duration_seconds',
      help: 'Time from the head of a request to the end of its answer, without tunnels.',
      kind: 'histogram',
      read: each((route, { durations }) =>
        DECISIONS.flatMap((decision, index) => durationSample({ route, decision }, durations[index])),
      ),
    },
    {
      name: 'gatehouse_gateway_upstream_duration_seconds',
      help: 'Time from sending a request to an upstream to the head of its answer.',
      kind: 'histogram',
      read: each((route, { upstreamDurations }) => durationSample({ route }, upstreamDurations)),
    },
    {
      name: 'gatehouse_gateway_upstream_failures_total',
      help: 'Requests for which an upstream failed or did not answer in time.',
      kind: 'counter',
      read: each((route, { upstreamFailures, upstreamTimeouts }) => [
        { labels: { route, reason: 'failed' }, value: upstreamFailures },
        { labels: { route, reason: 'timeout' }, value: upstreamTimeouts },
      ]),
    },
    {
      name: 'gatehouse_gateway_request_bytes_total',
      help: 'Octets of request bodies, by route.',
      kind: 'counter',
      read: each((route, { bytesIn }) => [{ labels: { route }, value: bytesIn }]),
    },
    {
      name: 'gatehouse_gateway_response_bytes_total',
      help: 'Octets of the bodies of upstreams’ answers, by route.',
      kind: 'counter',
      read: each((route, { bytesOut }) => [{ labels: { route }, value: bytesOut }]),
    },
  ];
}

/** Shows only combinations that have occurred, because most never do. */
function requestSamples(route: string, requests: readonly (readonly number[])[]): Sample[] {
  return DECISIONS.flatMap((decision, index) =>
    STATUS_CLASSES.map((status, place) => ({
      labels: { route, decision, status },
      value: requests[index]?.[place] ?? 0,
    })).filter(({ value }) => value > 0),
  );
}

function durationSample(labels: Record<string, string>, sums: DurationSums | undefined): Sample[] {
  if (!sums?.buckets.some((count) => count > 0)) return [];
  return [{ labels, value: sums.sumMs / 1000, buckets: { bounds: BOUNDS_SECONDS, counts: sums.buckets } }];
}

export function upstreamMetrics(sums: () => Pick<Sums, 'connects' | 'connectFailures' | 'latest'>): Metric[] {
  return [
    {
      name: 'gatehouse_upstream_connects_total',
      help: 'Attempts to connect to an upstream.',
      kind: 'counter',
      read: () => sums().connects.samples(),
    },
    {
      name: 'gatehouse_upstream_connect_failures_total',
      help: 'Attempts to connect to an upstream that failed.',
      kind: 'counter',
      read: () => sums().connectFailures.samples(),
    },
    {
      name: 'gatehouse_upstream_connections',
      help: 'Connections to an upstream that are open or being opened.',
      kind: 'gauge',
      read: () => openConnections(sums().latest),
    },
  ];
}

/** Counts of the workers by result, which is a code. */
const OUTCOMES: Readonly<Record<OutcomeKind, { name: string; help: string }>> = {
  channel: {
    name: 'gatehouse_channel_requests_total',
    help: 'Requests to encrypted endpoints of routes, by result.',
  },
  sealed: {
    name: 'gatehouse_sealed_requests_total',
    help: 'Sealed requests, by result: opened, or the reason for the refusal.',
  },
  signature: {
    name: 'gatehouse_signatures_total',
    help: 'Signatures of requests, by result: verified, or the reason for the refusal.',
  },
  signedAnswer: {
    name: 'gatehouse_signed_answers_total',
    help: 'Answers that were signed.',
  },
};

export function outcomeMetrics({ outcomes }: Pick<Sums, 'outcomes'>): Metric[] {
  return Object.entries(OUTCOMES).map(([of, { name, help }]) => ({
    name,
    help,
    kind: 'counter',
    read: () =>
      outcomes
        .samples()
        .filter(({ labels }) => labels?.of === of)
        .map(({ labels, value }) => ({ labels: { result: labels?.result ?? '' }, value })),
  }));
}

export function processMetrics({ cpu, latest }: Pick<Sums, 'cpu' | 'latest'>): Metric[] {
  const each = (value: (report: ProcessReport) => number) => () =>
    [...latest].map(([worker, report]) => ({ labels: { worker: String(worker) }, value: value(report) }));
  return [
    {
      name: 'gatehouse_gateway_connections',
      help: 'Open connections of clients, by worker.',
      kind: 'gauge',
      read: each(({ connections }) => connections),
    },
    {
      name: 'gatehouse_gateway_worker_cpu_seconds_total',
      help: 'Processor time of the workers.',
      kind: 'counter',
      read: cpu.samples,
    },
    {
      name: 'gatehouse_gateway_worker_resident_memory_bytes',
      help: 'Memory of the workers.',
      kind: 'gauge',
      read: each(({ residentBytes }) => residentBytes),
    },
    {
      name: 'gatehouse_gateway_worker_loop_delay_seconds',
      help: 'The longest delay of the event loop in the last second, by worker.',
      kind: 'gauge',
      read: each(({ loopDelayMs }) => loopDelayMs / 1000),
    },
  ];
}

function openConnections(latest: ReadonlyMap<number, ProcessReport>): Sample[] {
  const sums = createLabelledSums();
  const all: UpstreamReport[] = [...latest.values()].flatMap(({ upstreams }) => upstreams);
  for (const { name, open } of all) sums.add({ upstream: name }, open);
  return sums.samples();
}
