// `npm run soak -- changes`: many changes of configuration under load, then deaths of data plane processes.
import { up } from '../../support/gatehouse-command.ts';
import { startRecordingUpstream } from '../../support/upstreams.ts';
import { makeChanges } from './changes.ts';
import { killDataPlanes } from './deaths.ts';
import { startLoad } from './steady-load.ts';

export interface ChangesSoak {
  count: number;
  deaths: number;
  set: readonly string[];
  say(line: string): void;
}

const CLIENTS = 16;

/** Returns the failures, in words. */
export async function soakChanges({ count, deaths, set, say }: ChangesSoak): Promise<string[]> {
  const upstream = await startRecordingUpstream();
  const server = await up({ upstream: upstream.origin, set: ['gateway.workers=2', ...set] });
  try {
    const target = { ...server, apiKey: await server.key('user') };
    const duringChanges = startLoad(target, CLIENTS);
    const wrong = await makeChanges(server, count);
    const { served, failures } = await duringChanges.stop();
    say(`${count} changes: ${served} requests served, ${failures.length} failed`);
    wrong.push(...failures.map((failure) => `during the changes: ${failure}`));

    const duringDeaths = startLoad(target, CLIENTS);
    const byDeath = (await killDataPlanes(server, duringDeaths, deaths)).failures;
    const after = await duringDeaths.stop();
    say(
      `${deaths} ended workers: ${after.served} requests served, failed at the end of a worker: ${byDeath.join(', ')}`,
    );
    if (byDeath.some((failed) => failed > CLIENTS))
      wrong.push('the end of a worker failed more requests than were in progress');
    return wrong;
  } finally {
    await server.stop();
    await upstream.close();
  }
}
