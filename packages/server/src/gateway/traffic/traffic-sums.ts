// The counts of all workers together, since the start of the server.
import type { GatewayRoute } from '@gatehouse/access';
import type { DurationCounts, ProcessReport, RouteReport } from '@gatehouse/dataplane';
import { DECISIONS, DURATION_BOUNDS_MS } from '@gatehouse/dataplane';
import type { LabelledSums } from '../../platform/metric.ts';

/** By the first digit of a status. */
export const STATUS_CLASSES = ['1xx', '2xx', '3xx', '4xx', '5xx'];

/** The label of requests that matched no route, or that could not be read. The id of a route has a colon. */
const NO_ROUTE = 'none';

export type ConfiguredRoute = Pick<GatewayRoute, 'id' | 'upstream'>;

export interface Sums {
  routes: Map<string, RouteSums>;
  connects: LabelledSums;
  connectFailures: LabelledSums;
  handshakes: Pick<LabelledSums, 'add'>;
  /** The sums by `of` and `result`. */
  outcomes: LabelledSums;
  cpu: LabelledSums;
  /** The last report of each process that runs. */
  latest: Map<number, ProcessReport>;
}

/** Adds the report of a worker. */
export function addReport(sums: Sums, worker: number, report: ProcessReport): void {
  sums.latest.set(worker, report);
  sums.cpu.add({ worker: String(worker) }, report.cpuSeconds);
  addOutcomes(sums, report);
  for (const counts of report.routes) addRoute(sums.routes, counts);
  for (const { name, connects, failures } of report.upstreams) {
    sums.connects.add({ upstream: name }, connects);
    sums.connectFailures.add({ upstream: name }, failures);
  }
  for (const { version, result, count } of report.handshakes) {
    sums.handshakes.add({ listener: 'gateway', version: version ?? 'none', result }, count);
  }
}

function addOutcomes({ outcomes }: Sums, report: ProcessReport): void {
  for (const { of, result, count } of report.outcomes) outcomes.add({ of, result }, count);
}

/** Forgets routes and upstreams that are no longer configured. */
export function forgetOthers(sums: Sums, configured: readonly ConfiguredRoute[]): void {
  const routes = new Set(configured.map(({ id }) => id)).add(NO_ROUTE);
  for (const id of sums.routes.keys()) if (!routes.has(id)) sums.routes.delete(id);
  const upstreams = new Set(configured.map(({ upstream }) => upstream));
  for (const each of [sums.connects, sums.connectFailures]) {
    each.forgetUnless(({ upstream = '' }) => upstreams.has(upstream));
  }
}

export interface RouteSums {
  requests: number[][];
  durations: DurationSums[];
  upstreamDurations: DurationSums;
  upstreamFailures: number;
  upstreamTimeouts: number;
  bytesIn: number;
  bytesOut: number;
}

export interface DurationSums {
  buckets: number[];
  sumMs: number;
}

function addRoute(routes: Map<string, RouteSums>, report: RouteReport): void {
  const id = report.route ?? NO_ROUTE;
  const sums = routes.get(id) ?? emptySums();
  routes.set(id, sums);
  for (const index of DECISIONS.keys()) {
    addEach(sums.requests[index] as number[], report.requests[index] as number[]);
    addDurations(sums.durations[index] as DurationSums, report.durations[index] as DurationCounts);
  }
  addDurations(sums.upstreamDurations, report.upstreamDurations);
  sums.upstreamFailures += report.upstreamFailures;
  sums.upstreamTimeouts += report.upstreamTimeouts;
  sums.bytesIn += report.bytesIn;
  sums.bytesOut += report.bytesOut;
}

function emptySums(): RouteSums {
  return {
    requests: DECISIONS.map(() => STATUS_CLASSES.map(() => 0)),
    durations: DECISIONS.map(() => noDurations()),
    upstreamDurations: noDurations(),
    upstreamFailures: 0,
    upstreamTimeouts: 0,
    bytesIn: 0,
    bytesOut: 0,
  };
}

function noDurations(): DurationSums {
  return { buckets: new Array<number>(DURATION_BOUNDS_MS.length + 1).fill(0), sumMs: 0 };
}

function addDurations(sums: DurationSums, { buckets, sumMs }: DurationCounts): void {
  addEach(sums.buckets, buckets);
  sums.sumMs += sumMs;
}

function addEach(sums: number[], counts: readonly number[]): void {
  counts.forEach((count, index) => {
    sums[index] = (sums[index] as number) + count;
  });
}
