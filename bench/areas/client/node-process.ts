// The process of one round of one client of Node: `node-process.ts CONTENDER json|stream|file URL ROOT-FILE
// SECONDS FOLDER` makes many calls at a time, and prints its figures as one line of JSON. A wrong answer ends
// it.
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CONTENDERS } from './contenders.ts';
import { CONCURRENCY, type Figures, SIZE_BYTES, WARM_UP_SECONDS, type Work } from './work.ts';

const [, , name = '', work, url = '', root = '', seconds = '', folder = ''] = process.argv;
const create = CONTENDERS[name];
if (create === undefined) throw new TypeError(`no such contender: ${name}`);
const contender = await create(readFileSync(root, 'utf8'));
const calls: Readonly<Record<Work, (worker: number) => Promise<void>>> = {
  async json() {
    if ((await contender.json(url)) !== true) throw new Error('the answer is not the one that nginx has');
  },
  async stream() {
    requireWhole(await contender.stream(url));
  },
  async file(worker) {
    const file = join(folder, String(worker));
    await contender.file(url, file);
    requireWhole(statSync(file).size);
  },
};

await run(WARM_UP_SECONDS);
console.log(JSON.stringify(await run(Number(seconds))));
process.exit(); // some clients have open connections that would keep this process running

async function run(wallSeconds: number): Promise<Figures> {
  const before = process.cpuUsage();
  const from = performance.now();
  const end = from + wallSeconds * 1000;
  let done = 0;
  const call = async (_: unknown, index: number) => {
    while (performance.now() < end) {
      await calls[work as Work](index);
      done += 1;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY[work as Work] }, call));
  const { user, system } = process.cpuUsage(before);
  return {
    perCpuSecond: (done / (user + system)) * 1e6,
    perSecond: (done / (performance.now() - from)) * 1000,
  };
}

function requireWhole(octets: number): void {
  if (octets !== SIZE_BYTES) throw new Error(`${octets} octets of ${SIZE_BYTES} came through`);
}
