// The common part of comparisons: the choice of things, and the answers of the gateway.
import type { Up } from '../../support/gatehouse-command.ts';
import type { Question } from '../../support/https-client.ts';
import { ask } from '../../support/https-client.ts';
import type { Scene, Thing } from './world.ts';

// The number of connections for each thing. The kernel spreads them over the workers, so every worker gets
// some.
const CONNECTIONS = 2;
/** How many things of each kind from earlier rounds are compared again. */
const OLDER = 3;
export const OK = 200;
export const UNAUTHORIZED = 401;

/**
 * Uses new connections: the answer on an open one would be the same, and the server may close it while it is
 * idle.
 */
export async function statusesOf(
  { port, ca }: Up,
  question: Pick<Question, 'headers' | 'agent'>,
): Promise<number[]> {
  const connections = Array.from({ length: CONNECTIONS }, () => ask({ port, ca, path: '/', ...question }));
  return (await Promise.all(connections)).map(({ status }) => status);
}

export function difference(what: string, expected: number, statuses: readonly number[]): string[] {
  if (statuses.every((status) => status === expected)) return [];
  return [`${what} is answered ${statuses.join(', ')} instead of ${expected}`];
}

/** All things that were written in this round or the last one, and some others. */
export function chosen<T extends Thing>({ world, random }: Scene, things: readonly T[]): T[] {
  const isRecent = ({ round }: Thing) => round >= world.round - 1;
  const older = things.filter((thing) => !isRecent(thing));
  const sample = Array.from({ length: Math.min(OLDER, older.length) }, () => random.pick(older));
  return [...things.filter(isRecent), ...new Set(sample)];
}

export async function each<T>(
  items: readonly T[],
  compare: (item: T) => Promise<string[]>,
): Promise<string[]> {
  return (await Promise.all(items.map(compare))).flat();
}
