// Rounds on one data folder: start, compare, write, compare, write, and `kill -9` during the writing. So the
// projections are compared with the tables both as a start builds them and as the committed changes have
// advanced them.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../../../fuzz/harness/random.ts';
import { eventually } from '../../support/conditions.ts';
import type { Up } from '../../support/gatehouse-command.ts';
import { up } from '../../support/gatehouse-command.ts';
import { freePorts } from '../../support/ports.ts';
import { startRecordingUpstream } from '../../support/upstreams.ts';
import { createGroup } from './access-writes.ts';
import { findDifferences } from './differences.ts';
import type { Scene, World } from './world.ts';
import { createWorld } from './world.ts';
import { startWriters } from './writers.ts';

export interface KillRounds {
  rounds: number;
  seed: number;
  say(line: string): void;
}

export interface KillsOutcome {
  differences: string[];
  /** Writes that were answered. */
  acknowledged: number;
}

const WRITES_BEFORE_COMPARISON = 30;
const WRITES_BEFORE_KILL = 10;
const KILLED_WITHIN_MS = 80;
/** For slow steps on a busy machine. */
const PATIENCE_MS = 60_000;

/** Ends after the first round with a difference. */
export async function runKills({ rounds, seed, say }: KillRounds): Promise<KillsOutcome> {
  const data = mkdtempSync(join(tmpdir(), 'gatehouse-kills-'));
  const upstream = await startRecordingUpstream();
  const start = await startingOn(data, upstream.origin);
  const random = createRandom(seed);
  const world = createWorld();
  const differences: string[] = [];
  try {
    while (world.round < rounds && differences.length === 0) {
      world.round += 1;
      differences.push(...(await runRound({ world, random, server: await start() })));
      upstream.requests.length = 0;
      say(`round ${world.round} of ${rounds}: ${world.acknowledged} writes acknowledged so far`);
    }
    if (differences.length === 0)
      differences.push(...(await compareAtLast({ world, random, server: await start() })));
  } finally {
    for (const { client } of world.accounts) client.close();
    await upstream.close();
    rmSync(data, { recursive: true, force: true });
  }
  return { differences, acknowledged: world.acknowledged };
}

async function runRound(round: Scene): Promise<string[]> {
  const { world, random, server } = round;
  try {
    if (world.round === 1) await createGroup(round);
    const built = await findDifferences(round);
    if (built.length > 0) return atStage('after the start', built);

    const first = startWriters(round);
    await Promise.race([acknowledged(world, WRITES_BEFORE_COMPARISON), first.ended]);
    await first.halt();
    const advanced = await findDifferences(round);
    if (advanced.length > 0) return atStage('while it runs', advanced);

    const second = startWriters(round);
    await Promise.race([acknowledged(world, WRITES_BEFORE_KILL), second.ended]);
    await delay(random.below(KILLED_WITHIN_MS));
    second.expectKill();
    process.kill(server.pid, 'SIGKILL');
    await second.ended;
    return [];
  } finally {
    // If the server was not killed, it is stopped.
    await server.stop();
  }
}

async function compareAtLast(round: Scene): Promise<string[]> {
  try {
    return atStage('after the last start', await findDifferences(round));
  } finally {
    await round.server.stop();
  }
}

function atStage(stage: string, differences: readonly string[]): string[] {
  return differences.map((difference) => `${stage}: ${difference}`);
}

function acknowledged(world: World, count: number): Promise<boolean> {
  const enough = world.acknowledged + count;
  return eventually(`${count} writes`, () => world.acknowledged >= enough, PATIENCE_MS);
}

/** Uses the same ports at every start, because tokens, certificates and ACME accounts name them. */
async function startingOn(data: string, upstream: string): Promise<() => Promise<Up>> {
  const [gateway, control, pki] = await freePorts(3);
  const set = [
    `gateway.listen=127.0.0.1:${gateway}`,
    `control.listen=127.0.0.1:${control}`,
    `pki.listen=127.0.0.1:${pki}`,
    'gateway.workers=2',
    'acme.accountsPerHour=100000',
    // Many rounds take longer than the lifetime of a token.
    'identity.tokenLifetime=24h',
  ];
  return () => up({ data, upstream, set });
}
