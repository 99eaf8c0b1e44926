// Round trips of Fernet tokens per second of processor time, beside other libraries.
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { VERSION } from '@gatehouse/server';
import type { Area } from '../../harness/area.ts';
import { count, markdownTable, withRange } from '../../harness/results-table.ts';
import { orderOfRound } from '../../harness/rounds.ts';
import type { Scene } from '../../harness/scene.ts';
import { missingLines, occasion, runPart } from '../../harness/scene.ts';
import { spreadOf } from '../../harness/statistics.ts';

const NODE_PROCESS = fileURLToPath(new URL('./fernet-process.ts', import.meta.url));
const PYTHON_PROCESS = fileURLToPath(new URL('./fernet-process.py', import.meta.url));

interface Library {
  name: string;
  version(): string | undefined;
  install: string;
  /** The process of one round. Its arguments are the length of the message and the seconds. */
  command: readonly [program: string, ...args: string[]];
}

const LIBRARIES: readonly Library[] = [
  {
    name: 'Gatehouse',
    version: () => VERSION,
    install: '',
    command: [process.execPath, '--disable-warning=ExperimentalWarning', NODE_PROCESS, 'gatehouse'],
  },
  {
    name: 'pyca cryptography',
    version: pycaVersion,
    install: 'apt-get install python3-cryptography',
    command: ['python3', PYTHON_PROCESS],
  },
  {
    name: 'npm fernet',
    version: npmVersion,
    install: 'npm ci',
    command: [process.execPath, '--disable-warning=ExperimentalWarning', NODE_PROCESS, 'npm'],
  },
];

interface Size {
  what: string;
  octets: number;
  /** The promised rate of Gatehouse, in round trips per second of processor time. */
  least: number;
}

const SIZES: readonly Size[] = [
  { what: '200 octets', octets: 200, least: 40_000 },
  { what: '4 KiB', octets: 4096, least: 24_000 },
  { what: '1 MiB', octets: 1024 * 1024, least: 250 },
];

export const area: Area = (options) =>
  runPart({ name: 'channel-fernet', title: 'channel: Fernet round trips' }, options, async (scene) => {
    const libraries = LIBRARIES.filter(({ version }) => version() !== undefined);
    const subjects = libraries.flatMap((library) => SIZES.map((size) => ({ library, size })));
    const found = new Map(subjects.map((subject) => [subject, [] as number[]]));
    for (let round = 0; round < scene.rounds; round += 1) {
      for (const subject of orderOfRound(subjects, round))
        found.get(subject)?.push(await measure(subject, scene));
      console.log(`round ${round + 1} of ${scene.rounds}`);
    }
    const of = (library: Library, size: Size) =>
      spreadOf(
        [...found].flatMap(([one, rates]) => (one.library === library && one.size === size ? rates : [])),
      );
    const [own] = libraries as [Library];
    return {
      paragraphs: [
        occasion(libraries),
        conditions(scene),
        markdownTable(
          ['round trips per CPU-second', ...libraries.map(({ name }) => name)],
          SIZES.map((size) => [size.what, ...libraries.map((library) => withRange(of(library, size), rate))]),
        ),
        ...missingLines(LIBRARIES),
      ],
      isSound: SIZES.every((size) => of(own, size).median >= size.least),
    };
  });

async function measure(
  { library, size }: { library: Library; size: Size },
  { seconds, signal }: Scene,
): Promise<number> {
  const [program, ...args] = library.command;
  const { stdout } = await promisify(execFile)(program, [...args, `${size.octets}`, `${seconds}`], {
    signal,
  });
  return (JSON.parse(stdout) as { perCpuSecond: number }).perCpuSecond;
}

/** The slowest make three in a second. */
function rate(value: number): string {
  return value < 100 ? value.toFixed(1) : count(value);
}

function pycaVersion(): string | undefined {
  const probe = 'import cryptography.fernet; print(cryptography.__version__)';
  const { status, stdout } = spawnSync('python3', ['-c', probe], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

function npmVersion(): string {
  const manifest = new URL('../../../node_modules/fernet/package.json', import.meta.url);
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}

function conditions({ rounds, seconds }: Scene): string {
  return [
    'A round trip makes a token of a message and opens it again, with one key for all messages.',
    'The message comes back the same, or the measurement ends.',
    `Median (least–most) of ${rounds} interleaved rounds, each a process of its own that works for ${seconds} s of processor time after 0.5 s of the same.`,
  ].join(' ');
}
