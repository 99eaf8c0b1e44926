// The limit of open work of an account. The store counts it when the account first asks, and again when it
// may have reached its limit. In between, memory adds new work, but does not subtract finished work. So the
// number is never too low.
import type { Clock } from '@gatehouse/access';
import type { Connection, Database, Tx } from '../../platform/store/database.ts';
import { RECOUNT_SECONDS } from '../limits.ts';
import { AcmeError } from '../problem.ts';

export interface OpenWork {
  /** Call it before `added` more are stored, in the same transaction. Throws `rateLimited`. */
  admit(tx: Tx, accountId: string, added: number): Promise<void>;
}

export interface OpenWorkDeps {
  database: Database;
  clock: Clock;
  /** The number of open items of the account. */
  count(connection: Connection, accountId: string): Promise<number>;
}

interface Tally {
  /** The maximum that can be on disk. */
  committed: number;
  /** Milliseconds since the epoch. The work is not counted again before this time. */
  recountAt: number;
}

/** The most accounts in memory. Beyond that, all are forgotten, and counted again when they ask. */
const MAX_TALLIES = 10_000;

/** `what`: the counted items, in the plural. */
export function createOpenWork(
  { database, clock, count }: OpenWorkDeps,
  { limit, what }: { limit: number; what: string },
): OpenWork {
  const tallies = new Map<string, Tally>();
  /** For each account, the items that acts of the current commit have added. */
  const uncommitted = new Map<string, number>();
  // Failed acts count until the end of their commit.
  database.beforeCommit(async () => uncommitted.clear());

  /** Counts what is on disk, because acts of the current commit may still fail. */
  async function recounted(accountId: string, recountAt: number): Promise<Tally> {
    const tally = { committed: await count(database.read, accountId), recountAt };
    if (tallies.size >= MAX_TALLIES) tallies.clear();
    tallies.set(accountId, tally);
    return tally;
  }

  return {
    async admit(tx, accountId, added) {
      const now = clock.now();
      const before = uncommitted.get(accountId) ?? 0;
      const isTooMuch = ({ committed }: Tally) => committed + before + added > limit;
      let tally = tallies.get(accountId) ?? (await recounted(accountId, now));
      const recountMs = RECOUNT_SECONDS * 1000;
      // A later time is from before the clock was set back.
      const mayRecount = now >= tally.recountAt || now < tally.recountAt - recountMs;
      if (isTooMuch(tally) && mayRecount) tally = await recounted(accountId, now + recountMs);
      if (isTooMuch(tally)) throw tooMany(limit, what);
      uncommitted.set(accountId, before + added);
      tx.afterCommit(() => {
        const known = tallies.get(accountId);
        if (known) known.committed += added;
      });
    },
  };
}

function tooMany(limit: number, what: string): AcmeError {
  return new AcmeError('rateLimited', `This account has too many ${what}: ${limit} at most.`, {
    headers: { 'retry-after': String(RECOUNT_SECONDS) },
  });
}
