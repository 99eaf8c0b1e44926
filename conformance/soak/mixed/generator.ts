// The clients of mixed traffic, in a separate process. It reports its progress to its parent each second.
import { childInput, tellParent } from '../child.ts';
import { createConnector, type Gateway } from './client.ts';
import { COUNTED, type Counted, chooseTraffic, type Place } from './traffic.ts';

export interface GeneratorInput {
  gateway: Gateway;
  /** Requests to make. */
  count: number;
  clients: number;
}

export interface Progress {
  made: Record<Counted, number>;
  total: number;
  /** The number of failures of each kind. */
  wrong: Record<string, number>;
  isDone: boolean;
}

const TELL_MS = 1000;
/** The load must end even if the gateway never answers. */
const MOST_WRONG = 1000;

const { gateway, count, clients } = childInput<GeneratorInput>();
const made = Object.fromEntries(COUNTED.map((kind) => [kind, 0])) as Progress['made'];
const wrong: Progress['wrong'] = {};
let total = 0;
let failed = 0;
const place: Place = {
  gateway,
  connector: createConnector(gateway),
  count(kind) {
    made[kind] += 1;
    total += 1;
  },
};
const tell = (isDone: boolean) => tellParent({ made, total, wrong, isDone } satisfies Progress);

async function runClient(): Promise<void> {
  while (total < count && failed < MOST_WRONG) {
    const traffic = chooseTraffic();
    try {
      await traffic.run(place);
    } catch (error) {
      const what = `${traffic.name}: ${error instanceof Error ? error.message : error}`;
      wrong[what] = (wrong[what] ?? 0) + 1;
      failed += 1;
    }
  }
}

const timer = setInterval(tell, TELL_MS, false);
await Promise.all(Array.from({ length: clients }, runClient));
clearInterval(timer);
tell(true);
