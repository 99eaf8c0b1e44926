// The gateway as a TLS 1.3 proxy beside nginx, HAProxy and Caddy: work per second of processor time before one upstream.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Area, BenchOptions } from '../harness/area.ts';
import { buildsOf } from '../harness/builds.ts';
import type { Contender } from '../harness/contender.ts';
import { caddy } from '../harness/contenders/caddy.ts';
import { gatehouse, gatehouseWithApiKey } from '../harness/contenders/gatehouse.ts';
import { haproxy } from '../harness/contenders/haproxy.ts';
import { nginx, startUpstream } from '../harness/contenders/nginx.ts';
import { freePorts } from '../harness/free-port.ts';
import { programVersion, requireProgram } from '../harness/installed-program.ts';
import { machineLine } from '../harness/machine.ts';
import { poll } from '../harness/poll.ts';
import { writeResults } from '../harness/results-file.ts';
import { errorsOf, resultsTable } from '../harness/results-table.ts';
import type { Subject } from '../harness/rounds.ts';
import { measureRounds } from '../harness/rounds.ts';
import type { Target } from '../harness/same-answer.ts';
import { checkAnswers, statusOf } from '../harness/same-answer.ts';
import { CIPHER, createTlsFiles } from '../harness/tls-files.ts';
import { CONNECTIONS, runLoad, THREADS } from '../harness/wrk.ts';

const WORKERS = 2;
const UNIT = 'requests';
const BODY = 'x'.repeat(1024);

/** Measures, prints and records. Resolves with whether no request failed. */
export const area: Area = async (options) => {
  requireLinux();
  for (const tool of ['nginx', 'wrk']) requireProgram(tool);
  const builds = buildsOf(options);
  const plain = [...builds.map(gatehouse), nginx, haproxy, caddy];
  const authenticated = builds.map(gatehouseWithApiKey);
  const missing = plain.filter((contender) => contender.version() === undefined);
  const present = plain.filter((contender) => contender.version() !== undefined);
  await using stack = new AsyncDisposableStack();
  const subjects = await startAll({ plain: present, authenticated }, options, stack);
  const samples = await measureRounds(subjects, { ...options, unit: UNIT, say: console.log });
  await Promise.all(subjects.map((subject) => checkAnswers(subject.target, BODY)));
  const rows = [...samples].map(([{ name }, own]) => ({ name, samples: own }));
  const report = [
    `## gateway\n\n${conditions(options, present)}\n\n${resultsTable(rows, { unit: UNIT })}`,
    ...missing.map(({ name, install }) => `${name}: not installed (${install})`),
  ].join('\n\n');
  console.log(`\n${report}`);
  writeResults('gateway', report);
  return rows.every((row) => errorsOf(row.samples) === 0);
};

interface StartedSubject extends Subject {
  target: Target;
}

async function startAll(
  { plain, authenticated }: { plain: readonly Contender[]; authenticated: readonly Contender[] },
  { signal }: BenchOptions,
  stack: AsyncDisposableStack,
): Promise<StartedSubject[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-bench-'));
  stack.defer(() => rmSync(folder, { recursive: true, force: true }));
  const tls = createTlsFiles(folder);
  const contenders = [...plain, ...authenticated];
  const [upstreamPort = 0, ...ports] = await freePorts(contenders.length + 1);
  startUpstream({ folder: ownFolder(folder, 'upstream'), port: upstreamPort, stack }, BODY);
  const shared = { tls, upstreamPort, workers: WORKERS, signal, stack };
  const subjects: StartedSubject[] = [];
  for (const [index, contender] of contenders.entries()) {
    const site = { ...shared, folder: ownFolder(folder, String(index)), port: ports[index] ?? 0 };
    const subject = await startOne(contender, site);
    if (authenticated.includes(contender)) await requireRefusal(contender, subject.target);
    subjects.push(subject);
  }
  return subjects;
}

async function startOne(
  contender: Contender,
  site: Parameters<Contender['start']>[0],
): Promise<StartedSubject> {
  const { program, root, headers } = await contender.start(site);
  const target = { port: site.port, root, headers };
  await poll(
    async () => {
      program.assertRunning();
      return (await statusOf(target)) !== undefined;
    },
    { what: `the start of ${contender.name}`, signal: site.signal },
  );
  await checkAnswers(target, BODY);
  const url = `https://127.0.0.1:${site.port}/`;
  return {
    name: contender.name,
    program,
    load: (duration) => runLoad({ url, headers, ...duration }),
    target,
  };
}

/** A contender that authenticates must refuse a request without a credential. */
async function requireRefusal({ name }: Contender, target: Target): Promise<void> {
  const status = await statusOf({ ...target, headers: {} });
  if (status !== 401) throw new Error(`${name} answers ${status} to a request without a credential`);
}

function ownFolder(folder: string, name: string): string {
  const path = join(folder, name);
  mkdirSync(path);
  return path;
}

function requireLinux(): void {
  if (process.platform !== 'linux')
    throw new Error('this benchmark needs Linux: it reads processor time from /proc');
}

function conditions({ rounds, seconds }: BenchOptions, contenders: readonly Contender[]): string {
  const today = new Date().toISOString().slice(0, 10);
  const versions = contenders.map((contender) => `${contender.name} ${contender.version()}`).join(', ');
  return [
    `${today} · ${machineLine()} · Node ${process.versions.node} · ${versions} · wrk ${programVersion('wrk', ['-v'])}`,
    `TLS 1.3 (${CIPHER}, P-256 certificates), HTTP/1.1, ${CONNECTIONS} kept connections from ${THREADS} wrk threads, ` +
      `${BODY.length} bytes from one nginx upstream on loopback, ${WORKERS} workers each, no access logs. ` +
      `Median (least–most) of ${rounds} interleaved rounds of ${seconds} s. CPU time is that of all processes and ` +
      'threads of a contender, user and system; memory is their proportional set size. Rows with an API key also ' +
      'authenticate and authorise every request, and have no peer here. Gatehouse is started by its own command.',
  ].join('\n\n');
}
