// The load: wrk with persistent connections, the same for every contender.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { requireProgram } from './installed-program.ts';
import type { LoadResult } from './load.ts';

export const CONNECTIONS = 64;
export const THREADS = 2;

export interface Load {
  url: string;
  /** One header field in each line: each request has the next one. Undefined: requests have none. */
  headersFile?: string | undefined;
  seconds: number;
  signal: AbortSignal;
}

// wrk ends by itself. If it does not, this ends it.
const SPARE_SECONDS = 30;
// Some servers let the client choose the cipher suite, so it offers only one. wrk has no option for that.
const TLS_CONFIGURATION = fileOf('./wrk-openssl.cnf');
const REPORT = fileOf('./wrk-report.lua');
const REPORT_AND_HEADERS = fileOf('./wrk-headers.lua');

/**
 * Errors are answers with a status of 400 or higher, and sockets that failed or timed out. Rejects if wrk
 * fails or the signal is aborted.
 */
export async function runLoad({ url, headersFile, seconds, signal }: Load): Promise<LoadResult> {
  const shape = [`-c${CONNECTIONS}`, `-t${THREADS}`, `-d${seconds}s`, '--timeout', '5s'];
  const work =
    headersFile === undefined
      ? ['-s', REPORT, url]
      : ['-s', REPORT_AND_HEADERS, url, '--', headersFile, String(THREADS)];
  const { stdout } = await promisify(execFile)(requireProgram('wrk'), [...shape, ...work], {
    signal,
    timeout: (seconds + SPARE_SECONDS) * 1000,
    env: { ...process.env, OPENSSL_CONF: TLS_CONFIGURATION },
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

function fileOf(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
