// The load: wrk with kept connections, the same for every contender.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { requireProgram } from './installed-program.ts';
import type { LoadResult } from './load.ts';

export const CONNECTIONS = 64;
export const THREADS = 2;

export interface Load {
  url: string;
  headers: Readonly<Record<string, string>>;
  seconds: number;
  signal: AbortSignal;
}

// wrk ends by itself; should it not, it is ended.
const SPARE_SECONDS = 30;
const SCRIPT = fileURLToPath(new URL('./wrk-report.lua', import.meta.url));

/** Errors are answers with a status of 400 and above, and sockets that failed or timed out. Rejects when wrk fails or the signal is aborted. */
export async function runLoad({ url, headers, seconds, signal }: Load): Promise<LoadResult> {
  const fields = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  const shape = [`-c${CONNECTIONS}`, `-t${THREADS}`, `-d${seconds}s`, '--timeout', '5s', '-s', SCRIPT];
  const { stdout } = await promisify(execFile)(requireProgram('wrk'), [...shape, ...fields, url], {
    signal,
    timeout: (seconds + SPARE_SECONDS) * 1000,
  });
  const line = stdout.trimEnd().split('\n').at(-1) ?? '';
  const report: Record<ReportField, number> = JSON.parse(line);
  return {
    requests: report.requests,
    requestsPerSecond: report.requests / (report.durationMicroseconds / 1e6),
    p50Ms: report.p50 / 1000,
    p99Ms: report.p99 / 1000,
    errors: report.failedStatus + report.failedSockets,
  };
}

type ReportField = 'requests' | 'durationMicroseconds' | 'failedStatus' | 'failedSockets' | 'p50' | 'p99';
