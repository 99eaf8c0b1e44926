// How long a short command takes: a local GET, from the start of the process to the first octet of the body
// on its standard output, and the processor time of all its processes. Compared with curl, with Python, and
// with node without any work.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { programFile } from '../../packages/cli/bin/clone.mjs';
import { type Area, LEAST_ROUNDS } from '../harness/area.ts';
import { programVersion } from '../harness/installed-program.ts';
import { machineLine } from '../harness/machine.ts';
import { writeResults } from '../harness/results-file.ts';
import { markdownTable, withRange } from '../harness/results-table.ts';
import { orderOfRound } from '../harness/rounds.ts';
import { spreadOf } from '../harness/statistics.ts';

/** One command line. */
interface Contender {
  name: string;
  words: readonly string[];
  env?: Readonly<Record<string, string>>;
}

interface Run {
  firstOctetMs: number;
  cpuMs: number;
}

const ROOT = new URL('../../', import.meta.url).pathname;
/** Like in the launcher of an installed package. */
const CACHE = { NODE_COMPILE_CACHE: `${ROOT}packages/cli/.cache/compiled` };
const RUNS_PER_ROUND = 5;
const PYTHON =
  'import sys, urllib.request; sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())';

export const area: Area = async ({ rounds, signal }) => {
  await using stack = new AsyncDisposableStack();
  const server = createServer((_request, response) => response.end('hello\n')).listen(0, '127.0.0.1');
  stack.defer(() => void server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const contenders = contendersFor(url);
  const runs = new Map<Contender, Run[]>(contenders.map((each) => [each, []]));
  for (const contender of contenders) await measure(contender); // fills the caches of files and of compiled code
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of orderOfRound(contenders, round)) {
      signal.throwIfAborted();
      for (let run = 0; run < RUNS_PER_ROUND; run += 1) runs.get(contender)?.push(await measure(contender));
    }
    console.error(`round ${round + 1} of ${rounds}`);
  }
  const report = [
    '## command: a local GET, from the start of the command to its first octet',
    `${machineLine()}. ${rounds * RUNS_PER_ROUND} runs of each; the median, the least and the most.`,
    tableOf(runs),
  ].join('\n\n');
  console.log(`\n${report}`);
  if (rounds >= LEAST_ROUNDS) writeResults('command', report);
  return true;
};

function contendersFor(url: string): Contender[] {
  const isInstalled = (name: string) => programVersion(name, ['--version']) !== undefined;
  return [
    { name: 'node, which does nothing', words: [process.execPath, '-e', 'console.log(1)'] },
    {
      name: 'gatehouse request, the program',
      words: [process.execPath, programFile(), 'request', url],
      env: CACHE,
    },
    { name: 'gatehouse request, in a clone', words: [`${ROOT}gatehouse`, 'request', url] },
    ...(isInstalled('curl') ? [{ name: 'curl', words: ['curl', '--silent', url] }] : []),
    ...(isInstalled('python3') ? [{ name: 'Python urllib', words: ['python3', '-c', PYTHON, url] }] : []),
    ...(isInstalled('http') ? [{ name: 'HTTPie', words: ['http', '--ignore-stdin', '--body', url] }] : []),
  ];
}

async function measure({ words: [program = '', ...args], env }: Contender): Promise<Run> {
  const start = performance.now();
  const child = spawn('/usr/bin/time', ['-f', '%U %S', program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let firstOctetMs = Number.NaN;
  let said = '';
  child.stdout.once('data', () => {
    firstOctetMs = performance.now() - start;
  });
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  await once(child, 'close');
  const [user = 0, system = 0] = (said.trim().split('\n').at(-1) ?? '').split(' ').map(Number);
  return { firstOctetMs, cpuMs: (user + system) * 1000 };
}

function tableOf(runs: ReadonlyMap<Contender, Run[]>): string {
  const milliseconds = (values: number[]) =>
    withRange(spreadOf(values), (value) => `${Math.round(value)} ms`);
  const rows = [...runs].map(([{ name }, measured]) => [
    name,
    milliseconds(measured.map(({ firstOctetMs }) => firstOctetMs)),
    milliseconds(measured.map(({ cpuMs }) => cpuMs)),
  ]);
  return markdownTable(['command', 'first octet after', 'processor time'], rows);
}
