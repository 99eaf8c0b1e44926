// The cost of an administrative change with many principals: one key, user, certificate or policy. Also the
// time and memory of a start. With `--against DIR` it measures another build in the same rounds, with a copy
// of the same data folder.
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Area, type BenchOptions, LEAST_ROUNDS } from '../harness/area.ts';
import { machineLine } from '../harness/machine.ts';
import { ownBytesOf } from '../harness/process-usage.ts';
import { writeResults } from '../harness/results-file.ts';
import { orderOfRound } from '../harness/rounds.ts';
import type { Build, BuildSite, StartedBuild } from './control/build.ts';
import { buildAt, startBuild } from './control/build.ts';
import type { Costs } from './control/changes.ts';
import { measureChanges } from './control/changes.ts';
import { checkEveryWorker } from './control/every-worker.ts';
import { populate } from './control/population.ts';
import type { Measurement, Start } from './control/report.ts';
import { controlTables } from './control/report.ts';

const SIZES = [100, 10_000, 100_000];
const OWN_CHECKOUT = new URL('../../', import.meta.url).pathname;
// Until the garbage of the start is collected, which the server does 5 s after its start.
const REST_MS = 7000;

/** Measures, prints and records. Rejects if a change was answered before every worker applied it. */
export const area: Area = async (options) => {
  const own = buildAt(options.against ? 'after' : 'Gatehouse', OWN_CHECKOUT);
  const builds = options.against ? [buildAt('before', options.against), own] : [own];
  const loads = [loadavg()[0] ?? 0];
  const measurements: Measurement[] = [];
  const sizes = options.principals ?? SIZES;
  for (const principals of sizes) {
    measurements.push(...(await measureSize({ builds, principals }, options)));
    loads.push(loadavg()[0] ?? 0);
  }
  const paragraphs = [...conditions(options, { builds, loads }), ...controlTables(measurements)];
  const report = ['## control: the cost of a change, and of a start', ...paragraphs, ...NOTES].join('\n\n');
  console.log(`\n${report}`);
  if (sizes === SIZES && options.rounds >= LEAST_ROUNDS) writeResults('control', report);
  return true;
};

interface Size {
  builds: readonly Build[];
  principals: number;
}

/** One measurement for each build, in order. */
async function measureSize({ builds, principals }: Size, options: BenchOptions): Promise<Measurement[]> {
  await using stack = new AsyncDisposableStack();
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  stack.defer(() => rmSync(root, { recursive: true, force: true }));
  const shared = { upstream: await startUpstream(stack), signal: options.signal, stack };
  const sites = await prepareSites({ builds, principals }, root, shared);
  const starts = await measureStarts(sites, options);
  const running = new Map<Site, StartedBuild>();
  for (const site of sites) running.set(site, await startBuild(site.build, site));
  const costs = new Map<Site, Costs[]>(sites.map((site) => [site, []]));
  for (let round = 0; round < options.rounds; round += 1) {
    for (const [site, server] of orderOfRound([...running], round)) {
      options.signal.throwIfAborted();
      const found = await measureChanges(server, options);
      costs.get(site)?.push(found);
      await checkEveryWorker(server);
      const cpuMs = found['API key created']?.cpuMs.toFixed(1);
      say(principals, `round ${round + 1}: ${site.build.name}: a key ${cpuMs} CPU ms`);
    }
  }
  return sites.map((site) => ({
    build: site.build.name,
    principals,
    starts: starts.get(site) ?? [],
    costs: costs.get(site) ?? [],
    bytesAfterChanges: ownBytesOf(running.get(site)?.pid ?? 0),
  }));
}

interface Site extends BuildSite {
  build: Build;
}

/**
 * The first build creates the data folder. It is filled, and each build gets a copy, which it migrates at its
 * first start.
 */
async function prepareSites(
  { builds, principals }: Size,
  root: string,
  shared: Omit<BuildSite, 'data'>,
): Promise<Site[]> {
  const data = join(root, 'original');
  const [oldest] = builds;
  if (oldest) await startAndStop(oldest, { ...shared, data });
  populate(data, principals);
  const sites = builds.map((build) => ({ ...shared, build, data: join(root, build.name) }));
  for (const site of sites) {
    cpSync(data, site.data, { recursive: true });
    await startAndStop(site.build, site);
  }
  say(principals, 'the data folders are filled');
  return sites;
}

async function measureStarts(sites: readonly Site[], { rounds }: BenchOptions): Promise<Map<Site, Start[]>> {
  const starts = new Map<Site, Start[]>(sites.map((site) => [site, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const site of orderOfRound(sites, round)) {
      const start = await startAndStop(site.build, site, restingBytes);
      starts.get(site)?.push({ ...start, seconds: start.startSeconds, cpuSeconds: start.startCpuSeconds });
    }
  }
  return starts;
}

async function restingBytes({ program, pid }: StartedBuild, signal: AbortSignal): Promise<number> {
  await delay(REST_MS, undefined, { signal });
  program.assertRunning();
  return ownBytesOf(pid);
}

async function startAndStop(build: Build, site: BuildSite, look?: typeof restingBytes) {
  await using stack = new AsyncDisposableStack();
  const started = await startBuild(build, { ...site, stack });
  return { ...started, restingBytes: (await look?.(started, site.signal)) ?? 0 };
}

/** Answers every request with 200. */
async function startUpstream(stack: AsyncDisposableStack): Promise<string> {
  const server = createServer((_, response) => response.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stack.defer(() => {
    server.close();
    server.closeAllConnections();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Occasion {
  builds: readonly Build[];
  loads: readonly number[];
}

function conditions({ rounds, seconds }: BenchOptions, { builds, loads }: Occasion): string[] {
  const today = new Date().toISOString().slice(0, 10);
  const versions = builds.map(({ name, commit }) => `${name}: ${commit}`).join(', ');
  const busy = loads.map((load) => load.toFixed(1)).join(', ');
  return [
    `${today} · ${machineLine()} · Node ${process.versions.node} · ${versions}`,
    'Users and API keys are written into the database before the start. Then changes are made over the Unix socket, one after another, in ' +
      `batches of one kind that last ${seconds} s or a hundred changes. CPU time is that of all processes and threads, user and system, ` +
      `from the first request of a batch until 50 ms after its last answer. Median (least–most) of ${rounds} rounds in which the builds ` +
      'take turns; the same for starts. After each round a new key was accepted, and a revoked one refused, on 32 kept and 32 fresh ' +
      'connections to the gateway, right after the answer to the change. Creating a user includes hashing a password (argon2id), which is ' +
      'measured separately: subtract it. Memory is that of all processes, and what they share counts once. ' +
      `Load of the machine at the end of each part, with the measurement itself: ${busy}.`,
  ];
}

const NOTES = [
  'Routes, and the roles that they admit, are configuration. A reload changes them, and is not measured here.',
];

function say(principals: number, line: string): void {
  console.log(`${principals.toLocaleString('en')} users and keys: ${line}`);
}
