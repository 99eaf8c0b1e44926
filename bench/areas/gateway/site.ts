// Contenders in front of one upstream. Before the measurement, it checks that each does the same work.
import type { Contender, Started } from '../../harness/contender.ts';
import { CALLER_PATH, startUpstream } from '../../harness/contenders/nginx-process.ts';
import type { CoreLayout } from '../../harness/cores.ts';
import { freePorts } from '../../harness/free-port.ts';
import { poll } from '../../harness/poll.ts';
import type { Target } from '../../harness/same-answer.ts';
import { answerOf, checkAnswers, statusOf } from '../../harness/same-answer.ts';
import type { Scene } from '../../harness/scene.ts';
import { siteOf } from '../../harness/scene.ts';

/** The answer of the upstream. */
export const BODY = 'x'.repeat(1024);

/** How the contenders of one table are started. */
export interface Setting {
  layout: CoreLayout;
  accessLog: boolean;
  upstreamPort: number;
}

export interface Serving extends Started {
  name: string;
  target: Target;
}

/** Resolves with the upstream's port. */
export async function startOneUpstream(scene: Scene): Promise<number> {
  const [port = 0] = await freePorts(1);
  startUpstream({ folder: scene.folder('upstream'), port, stack: scene.stack }, BODY);
  return port;
}

/** The installed contenders. */
export function presentOf(contenders: readonly Contender[]): Contender[] {
  return contenders.filter(({ version }) => version() !== undefined);
}

/** Starts a contender and waits until it serves. Does not check it yet. */
export async function startServing(contender: Contender, setting: Setting, scene: Scene): Promise<Serving> {
  const { layout, accessLog, upstreamPort } = setting;
  const { workers, contender: cores } = layout;
  const site = { ...(await siteOf(contender, scene)), upstreamPort, workers, cores, accessLog };
  const started = await contender.start(site);
  const { credentials, root } = started;
  const headers = credentials ? { [credentials.field]: credentials.values[0] ?? '' } : {};
  const target = { port: site.port, root, headers };
  await poll(
    async () => {
      started.program.assertRunning();
      return (await statusOf(target)) !== undefined;
    },
    { what: `the start of ${contender.name}`, signal: scene.signal, pauseMs: 10 },
  );
  return { ...started, name: contender.name, target };
}

/**
 * Throws unless it returns the upstream's answer in the required way, and refuses the callers that it must
 * refuse.
 */
export async function checkWork({ name, target, credentials }: Serving): Promise<void> {
  await checkAnswers(target, BODY);
  if (credentials === undefined) return;
  await requireStatus({ name, target: { ...target, headers: {} } }, 401, 'without a credential');
  const forged = { ...target, headers: { [credentials.field]: credentials.forged } };
  await requireStatus({ name, target: forged }, 401, 'with a forged credential');
  const caller = await answerOf({ ...target, path: CALLER_PATH });
  if (caller?.status === 200 && caller.body !== '') return;
  throw new Error(`${name} does not tell the upstream who calls`);
}

async function requireStatus(
  { name, target }: Pick<Serving, 'name' | 'target'>,
  expected: number,
  which: string,
): Promise<void> {
  const status = await statusOf(target);
  if (status !== expected) throw new Error(`${name} answers ${status} to a request ${which}`);
}
