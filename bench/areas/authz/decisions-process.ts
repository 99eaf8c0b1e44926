// The process of one round of one engine: `decisions-process.ts ENGINE RULES PLACES SECONDS` prints the
// number of decisions per second of processor time as one line of JSON. Fails if a decision is not the
// expected one.
import { createRandom } from '../../../fuzz/harness/random.ts';
import { ENGINES } from './contenders.ts';
import type { Question } from './rules.ts';
import { createSetting, expected } from './rules.ts';

export interface DecisionCost {
  perCpuSecond: number;
}

const SEED = 12;
const WARM_UP_SECONDS = 0.5;
/** The slowest engine decides about 200 in a second. */
const BATCH = 100;
const [, , engine = '', rules = '', places = '', seconds = ''] = process.argv;
const setting = createSetting(createRandom(SEED), { rules: Number(rules), places: Number(places) });
const create = ENGINES[engine];
if (!create) throw new TypeError(`no such engine: ${engine}`);
const decide = await create().create(setting);

let allowed = 0;
for (const question of setting.questions) {
  const decision = await decide(question);
  if (decision !== expected(setting, question))
    throw new Error(`wrong decision: ${JSON.stringify(question)}`);
  allowed += Number(decision);
}
if (allowed === 0 || allowed === setting.questions.length)
  throw new Error(`${allowed} decisions are allowed`);

await perCpuSecond(WARM_UP_SECONDS);
const cost: DecisionCost = { perCpuSecond: await perCpuSecond(Number(seconds)) };
console.log(JSON.stringify(cost));

async function perCpuSecond(atLeast: number): Promise<number> {
  const before = process.cpuUsage();
  let decisions = 0;
  for (let spent = 0; spent < atLeast * 1e6; spent = spentSince(before)) {
    for (let index = 0; index < BATCH; index += 1) {
      const decision = decide(setting.questions[decisions % setting.questions.length] as Question);
      if (typeof decision !== 'boolean') await decision;
      decisions += 1;
    }
  }
  return (decisions / spentSince(before)) * 1e6;
}

function spentSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return user + system;
}
