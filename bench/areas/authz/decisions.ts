// Decisions per second of processor time, beside other engines with the same rules.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { VERSION } from '@gatehouse/server';
import type { Area } from '../../harness/area.ts';
import { count, markdownTable, withRange } from '../../harness/results-table.ts';
import { orderOfRound } from '../../harness/rounds.ts';
import type { Scene } from '../../harness/scene.ts';
import { occasion, runPart } from '../../harness/scene.ts';
import { spreadOf } from '../../harness/statistics.ts';
import { ENGINES } from './contenders.ts';
import type { DecisionCost } from './decisions-process.ts';

const PROCESS = fileURLToPath(new URL('./decisions-process.ts', import.meta.url));

interface Size {
  what: string;
  rules: number;
  places: number;
  /** The promised rate of Gatehouse, in decisions per second of processor time. */
  least: number;
}

const SIZES: readonly Size[] = [
  { what: '20 policies, role hierarchy, context of the request', rules: 20, places: 2, least: 450_000 },
  { what: '1,000 policies, of which 10 can apply', rules: 1000, places: 100, least: 200_000 },
];

export const area: Area = (options) =>
  runPart({ name: 'authz-decisions', title: 'authorization: decisions' }, options, async (scene) => {
    const names = Object.keys(ENGINES);
    const subjects = names.flatMap((engine) => SIZES.map((size) => ({ engine, size })));
    const found = new Map(subjects.map((subject) => [subject, [] as number[]]));
    for (let round = 0; round < scene.rounds; round += 1) {
      for (const subject of orderOfRound(subjects, round))
        found.get(subject)?.push(await measure(subject, scene));
      console.log(`round ${round + 1} of ${scene.rounds}`);
    }
    const of = (engine: string, size: Size) =>
      spreadOf(
        [...found].flatMap(([one, figures]) => (one.engine === engine && one.size === size ? figures : [])),
      );
    const engines = names.flatMap((name) => ENGINES[name]?.() ?? []);
    return {
      paragraphs: [
        occasion(engines.map(({ name, version }) => ({ name, version: () => version || VERSION }))),
        conditions(scene),
        markdownTable(
          ['decisions per CPU-second', ...engines.map(({ name }) => name)],
          SIZES.map((size) => [size.what, ...names.map((engine) => withRange(of(engine, size), count))]),
        ),
      ],
      isSound: SIZES.every((size) => of('gatehouse', size).median >= size.least),
    };
  });

async function measure(
  { engine, size }: { engine: string; size: Size },
  { seconds, signal }: Scene,
): Promise<number> {
  const args = ['--disable-warning=ExperimentalWarning', PROCESS, engine, size.rules, size.places, seconds];
  const { stdout } = await promisify(execFile)(process.execPath, args.map(String), { signal });
  return (JSON.parse(stdout) as DecisionCost).perCpuSecond;
}

function conditions({ rounds, seconds }: Scene): string {
  return [
    'Each engine first decides 500 requests as expected; a wrong decision ends the measurement.',
    'Gatehouse decides as a worker does: the principal and the route are known, and the context is that of the request.',
    'cedar-wasm has the policies parsed, and takes the entities of the caller with each request. CASL keeps an ability for each caller, so it looks only at the rules of the caller.',
    `Median (least–most) of ${rounds} interleaved rounds, each a process of its own that decides for ${seconds} s after 0.5 s of the same.`,
  ].join(' ');
}
