// The process of one round of one client of Node: `node-process.ts CONTENDER json|download URL ROOT-FILE SECONDS` calls the
// server with many calls at a time, and prints its figures as one line of JSON. A wrong answer ends it.
import { readFileSync } from 'node:fs';
import { CONTENDERS } from './contenders.ts';
import { CONCURRENCY, type Figures, SIZE_BYTES, WARM_UP_SECONDS } from './work.ts';

const [, , name = '', work = '', url = '', root = '', seconds = ''] = process.argv;
const create = CONTENDERS[name];
if (create === undefined) throw new TypeError(`no such contender: ${name}`);
const contender = await create(readFileSync(root, 'utf8'));

await run(WARM_UP_SECONDS);
console.log(JSON.stringify(await run(Number(seconds))));
process.exit(); // some keep connections that would keep this process

async function run(wallSeconds: number): Promise<Figures> {
  const before = process.cpuUsage();
  const from = performance.now();
  const end = from + wallSeconds * 1000;
  let done = 0;
  const worker = async () => {
    while (performance.now() < end) {
      await call();
      done += 1;
    }
  };
  await Promise.all(
    Array.from({ length: work === 'json' ? CONCURRENCY.json : CONCURRENCY.download }, worker),
  );
  const { user, system } = process.cpuUsage(before);
  const cpuSeconds = (user + system) / 1e6;
  return { perCpuSecond: done / cpuSeconds, perSecond: (done / (performance.now() - from)) * 1000 };
}

async function call(): Promise<void> {
  if (work === 'json') {
    if ((await contender.json(url)) !== true) throw new Error('the answer is not the one that nginx has');
  } else {
    const octets = await contender.download(url);
    if (octets !== SIZE_BYTES) throw new Error(`${octets} octets of ${SIZE_BYTES} came through`);
  }
}
