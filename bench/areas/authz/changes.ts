// The time and memory that a worker needs for a change of one policy, with many users, roles and policies.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { VERSION } from '@gatehouse/server';
import type { Area } from '../../harness/area.ts';
import { count, markdownTable, withRange } from '../../harness/results-table.ts';
import { occasion, runPart } from '../../harness/scene.ts';
import { spreadOf } from '../../harness/statistics.ts';
import type { ChangeCost } from './changes-process.ts';

const PROCESS = fileURLToPath(new URL('./changes-process.ts', import.meta.url));
const OPTIONS = ['--disable-warning=ExperimentalWarning', '--expose-gc'];
/** The promised limits. */
const LIMIT = { changeMs: 1000, megabytes: 200 };

const ROWS: readonly [name: keyof ChangeCost, what: string][] = [
  ['changeMs', 'ms until one changed policy decides'],
  ['firstMs', 'ms until all policies decide, at the start'],
  ['megabytes', 'MB of the policies, and of the entities of all users'],
];

export const area: Area = (options) =>
  runPart({ name: 'authz-changes', title: 'authorization: a change of policies' }, options, async (scene) => {
    const costs: ChangeCost[] = [];
    for (let round = 0; round < scene.rounds; round += 1) {
      const { stdout } = await promisify(execFile)(process.execPath, [...OPTIONS, PROCESS], scene);
      costs.push(JSON.parse(stdout) as ChangeCost);
      console.log(`round ${round + 1} of ${scene.rounds}`);
    }
    const of = (name: keyof ChangeCost) => spreadOf(costs.map((each) => each[name]));
    return {
      paragraphs: [
        occasion([{ name: 'Gatehouse', version: () => VERSION }]),
        `A worker with 100,000 users, all of whom have asked once, 10,000 roles that include others, and a policy for each role. Median (least–most) of ${scene.rounds} rounds, each a process of its own.`,
        markdownTable(
          ['what it takes', 'Gatehouse'],
          ROWS.map(([name, what]) => [what, withRange(of(name), count)]),
        ),
      ],
      isSound: of('changeMs').median <= LIMIT.changeMs && of('megabytes').median <= LIMIT.megabytes,
    };
  });
