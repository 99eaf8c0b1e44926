// The client library beside other clients, all against one nginx on loopback over TLS: small answers in JSON,
// and downloads of 100 MB that are read as a stream or written to a file.
import { execFile, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { VERSION } from '@gatehouse/server';
import type { Area } from '../harness/area.ts';
import { nginxVersion, startNginx, tlsServer } from '../harness/contenders/nginx-process.ts';
import { programVersion } from '../harness/installed-program.ts';
import { poll } from '../harness/poll.ts';
import { count, markdownTable, withRange } from '../harness/results-table.ts';
import { orderOfRound } from '../harness/rounds.ts';
import { occasion, runPart, type Scene, siteOf } from '../harness/scene.ts';
import { spreadOf, spreadOfRatios } from '../harness/statistics.ts';
import { CONTENDERS, MORE_STEPS, OURS, OURS_PIECEWISE, OURS_WITH_MORE } from './client/contenders.ts';
import {
  CONCURRENCY,
  type Figures,
  SIZE_BYTES,
  SMALL,
  TOKEN,
  WARM_UP_SECONDS,
  type Work,
} from './client/work.ts';

const NODE_PROCESS = fileURLToPath(new URL('./client/node-process.ts', import.meta.url));
const OTHERS_PROCESS = fileURLToPath(new URL('./client/others_process.py', import.meta.url));
const MEMORY = '/dev/shm';

const OTHERS: Readonly<Record<string, () => string | undefined>> = {
  'Python requests': () => pythonVersion('requests'),
  'curl --parallel': () => programVersion('curl', ['--version']),
};
const WORKS: Readonly<Record<Work, { path: string; heading: string; scale: number }>> = {
  json: { path: '/small.json', heading: 'small JSON per CPU-second', scale: 1 },
  stream: { path: '/large', heading: 'MB per CPU-second, as a stream', scale: SIZE_BYTES / 1e6 },
  file: { path: '/large', heading: 'MB per CPU-second, to a file', scale: SIZE_BYTES / 1e6 },
};
const MOST_MICROSECONDS = 5;

interface Place {
  origin: string;
  rootFile: string;
  /** A folder for downloads. */
  files: string;
}

interface Subject {
  name: string;
  work: Work;
}

export const area: Area = (options) =>
  runPart({ name: 'client', title: 'client: beside other clients' }, options, async (scene) => {
    const place = await startServer(scene);
    const names = [...Object.keys(CONTENDERS), ...Object.keys(OTHERS).filter((name) => OTHERS[name]?.())];
    const subjects = names.flatMap((name): Subject[] => worksOf(name).map((work) => ({ name, work })));
    const found = new Map(subjects.map((subject) => [subject, [] as number[]]));
    for (let round = 0; round < scene.rounds; round += 1) {
      for (const subject of orderOfRound(subjects, round)) {
        const { perCpuSecond } = await measure(subject, place, scene);
        found.get(subject)?.push(perCpuSecond * WORKS[subject.work].scale);
        console.log(`round ${round + 1}: ${subject.name}, ${subject.work}: ${count(perCpuSecond)}`);
      }
    }
    const of = (name: string, work: Work) =>
      [...found].find(([one]) => one.name === name && one.work === work)?.[1] ?? [];
    const step = costOfStep(of(OURS, 'json'), of(OURS_WITH_MORE, 'json'));
    return {
      paragraphs: [
        occasion(versions()),
        conditions(scene),
        table(
          names.filter((name) => name !== OURS_WITH_MORE),
          of,
        ),
        `One more middleware costs ${step.toFixed(1)} µs.`,
      ],
      isSound: step <= MOST_MICROSECONDS,
    };
  });

function worksOf(name: string): Work[] {
  if (name === OURS_WITH_MORE) return ['json'];
  return name === OURS_PIECEWISE ? ['stream'] : (Object.keys(WORKS) as Work[]);
}

async function startServer(scene: Scene): Promise<Place> {
  const own = await siteOf({ name: 'nginx' }, scene);
  const site = { ...own, upstreamPort: 0, workers: 1, cores: undefined, accessLog: false };
  const large = openSync(join(site.folder, 'large'), 'w');
  ftruncateSync(large, SIZE_BYTES);
  closeSync(large);
  const small = `location = /small.json { default_type application/json; return 200 '${SMALL}'; }`;
  const http = tlsServer(site, `root ${site.folder}; ${small}`);
  const program = startNginx(site, { workers: 1, http });
  const isListening = () => {
    program.assertRunning();
    return existsSync(join(site.folder, 'nginx.pid'));
  };
  await poll(isListening, { what: 'the start of nginx', signal: scene.signal });
  const rootFile = join(site.folder, 'root.pem');
  writeFileSync(rootFile, scene.tls.root);
  return { origin: `https://localhost:${site.port}`, rootFile, files: filesFolder(scene) };
}

/** In memory if the machine has such a folder, so that the disk is not measured. */
function filesFolder({ folder, stack }: Scene): string {
  if (!existsSync(MEMORY)) return folder('files');
  const files = mkdtempSync(join(MEMORY, 'gatehouse-bench-'));
  stack.defer(() => rmSync(files, { recursive: true }));
  return files;
}

async function measure({ name, work }: Subject, place: Place, { seconds, signal }: Scene): Promise<Figures> {
  const command = name in CONTENDERS ? process.execPath : 'python3';
  const program =
    name in CONTENDERS ? ['--disable-warning=ExperimentalWarning', NODE_PROCESS] : ['-B', OTHERS_PROCESS];
  const args = [name, work, place.origin + WORKS[work].path, place.rootFile, String(seconds), place.files];
  const settings = { TOKEN, CONCURRENCY: CONCURRENCY[work], SIZE: SIZE_BYTES, WARM_UP: WARM_UP_SECONDS };
  const texts = Object.entries(settings).map(([key, value]) => [key, String(value)]);
  const env = { ...process.env, ...Object.fromEntries(texts) };
  const { stdout } = await promisify(execFile)(command, [...program, ...args], { env, signal });
  return JSON.parse(stdout);
}

function table(names: readonly string[], of: (name: string, work: Work) => readonly number[]): string {
  const works = Object.keys(WORKS) as Work[];
  const rows = names.map((name) => [
    name,
    ...works.flatMap((work) => {
      const figures = of(name, work);
      if (figures.length === 0) return ['', ''];
      const ratio = withRange(spreadOfRatios(of(OURS, work), figures), (value) => value.toFixed(2));
      return [withRange(spreadOf(figures), count), name === OURS ? '1' : ratio];
    }),
  ]);
  const headings = works.flatMap((work) => [WORKS[work].heading, 'Gatehouse ÷ contender']);
  return markdownTable(['contender', ...headings], rows);
}

/** Microseconds of processor time, from the difference between few and many steps. */
function costOfStep(without: readonly number[], withMore: readonly number[]): number {
  const microseconds = (figures: readonly number[]) => 1e6 / spreadOf(figures).median;
  return (microseconds(withMore) - microseconds(without)) / MORE_STEPS;
}

function versions() {
  const packages = ['undici', 'got', 'axios', 'ky'].map((name) => ({
    name,
    version: () => packageVersion(name),
  }));
  const others = Object.entries(OTHERS).map(([name, version]) => ({
    name,
    version: () => version() ?? 'not installed',
  }));
  return [
    { name: 'Gatehouse', version: () => VERSION },
    ...packages,
    { name: 'nginx', version: nginxVersion },
    ...others,
  ];
}

function packageVersion(name: string): string {
  const file = fileURLToPath(new URL(`../../node_modules/${name}/package.json`, import.meta.url));
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

function pythonVersion(name: string): string | undefined {
  const { stdout } = spawnSync('python3', ['-c', `import ${name}; print(${name}.__version__)`]);
  return stdout?.toString().trim() || undefined;
}

function conditions({ rounds, seconds }: Scene): string {
  return [
    `One nginx with one worker on loopback, TLS 1.3 (TLS_AES_128_GCM_SHA256). ${CONCURRENCY.json} calls at a time for JSON of ${SMALL.length} octets, which is parsed and checked; ${CONCURRENCY.stream} at a time for 100 MB, whose octets are counted.`,
    'Every client sends a bearer token. Gatehouse has trust, retry, redirects, cookies, a credential, and limits of size and time; its files are synced and renamed when they are whole, those of the others are only written. Files are in memory.',
    `Median (least–most) of ${rounds} interleaved rounds, each a process of its own that calls for ${seconds} s after ${WARM_UP_SECONDS} s of the same; curl has many transfers in one process. CPU time is that of the client alone, user and system, all threads.`,
    `The cost of a middleware is the difference that ${MORE_STEPS} more of them make, each of which waits for the answer and looks at it.`,
  ].join(' ');
}
