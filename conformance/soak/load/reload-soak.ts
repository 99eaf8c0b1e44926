// `npm run soak -- reloads`: many changed configurations under load. No request may fail because of them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { up } from '../../support/gatehouse-command.ts';
import { startRecordingUpstream } from '../../support/upstreams.ts';
import { configurationFor, makeReloads } from './reloads.ts';
import { startLoad } from './steady-load.ts';

export interface ReloadSoak {
  count: number;
  clients: number;
  set: readonly string[];
  /** Between the requests of a client; default: none. */
  pauseMs?: number;
}

export interface ReloadOutcome {
  served: number;
  /** The failures, in words. */
  faults: string[];
}

/** Reloads `count` configurations while `clients` ask all the time. */
export async function runReloads({ count, clients, set, ...pause }: ReloadSoak): Promise<ReloadOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-reloads-'));
  const file = join(folder, 'gatehouse.config.json');
  const [one, other] = [await startRecordingUpstream(), await startRecordingUpstream()];
  const upstreams = [one.origin, other.origin] as const;
  writeFileSync(file, configurationFor(0, upstreams));
  const server = await up({ config: file, set: ['gateway.workers=2', ...set] });
  try {
    const load = startLoad({ ...server, ...pause, apiKey: await server.key('user') }, clients);
    const wrong = await makeReloads({ ...server, file, upstreams }, count);
    const { served, failures } = await load.stop();
    return { served, faults: [...wrong, ...failures.map((failure) => `a request failed: ${failure}`)] };
  } finally {
    await server.stop();
    await Promise.all([one.close(), other.close()]);
    rmSync(folder, { recursive: true, force: true });
  }
}
