// The first five seconds after a start: programs that compile while they run are slow at first.
import type { Area } from '../../harness/area.ts';
import type { Contender } from '../../harness/contender.ts';
import { caddy } from '../../harness/contenders/caddy.ts';
import { gatehouse, gatehouseVariants } from '../../harness/contenders/gatehouse.ts';
import { haproxy } from '../../harness/contenders/haproxy.ts';
import { nginx } from '../../harness/contenders/nginx.ts';
import { layOutCores } from '../../harness/cores.ts';
import { errorsOf, resultsTable } from '../../harness/results-table.ts';
import type { Sample } from '../../harness/rounds.ts';
import { measure, orderOfRound } from '../../harness/rounds.ts';
import type { Scene } from '../../harness/scene.ts';
import { missingLines, occasion, runPart } from '../../harness/scene.ts';
import type { Setting } from './site.ts';
import { presentOf, startOneUpstream, startServing } from './site.ts';
import { wrkLoad } from './table.ts';

// Each round needs a start and its seconds, for each contender.
const ROUNDS = 3;
const SECONDS = 5;
const UNIT = 'requests';

export const area: Area = (options) =>
  runPart({ name: 'gateway-cold', title: 'gateway: a cold run' }, options, async (scene) => {
    const known = [...gatehouseVariants(options).map(gatehouse), nginx, haproxy, caddy];
    const contenders = presentOf(known);
    const layout = layOutCores('one', scene.stack);
    const setting = { layout, accessLog: false, upstreamPort: await startOneUpstream(scene) };
    const rounds = Math.min(ROUNDS, scene.rounds);
    const samples = new Map<Contender, Sample[]>(contenders.map((contender) => [contender, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const contender of orderOfRound(contenders, round)) {
        const sample = await coldSample(contender, setting, scene);
        samples.get(contender)?.push(sample);
        const work = Math.round(sample.requestsPerCpuSecond);
        console.log(`round ${round + 1}: ${contender.name}: ${work} ${UNIT} per CPU-second`);
      }
    }
    const rows = [...samples].map(([{ name }, own]) => ({ name, samples: own }));
    const conditions = [
      `As the plain proxy, ${layout.words}, no access logs: the first ${SECONDS} s after a start, without a warm-up. The load begins with`,
      `the first answer; processor time counts from there. Median (least–most) of ${rounds} starts in which the contenders take turns.`,
    ].join(' ');
    return {
      paragraphs: [
        occasion(contenders),
        conditions,
        resultsTable(rows, { unit: UNIT }),
        ...missingLines(known),
      ],
      isSound: rows.every((row) => errorsOf(row.samples) === 0),
    };
  });

async function coldSample(contender: Contender, setting: Setting, scene: Scene): Promise<Sample> {
  await using stack = new AsyncDisposableStack();
  const serving = await startServing(contender, setting, { ...scene, stack });
  // Awaited here, because the stack ends the program when this function returns.
  return await measure({ ...serving, load: wrkLoad(serving, scene) }, SECONDS, scene.signal);
}
