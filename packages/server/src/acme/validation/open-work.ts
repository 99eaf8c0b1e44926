// What one account may have open. The exact number is read when an account first asks, and again when what
// was added since then might be too much: in between, what was done meanwhile is not taken off, which costs
// nothing and errs on the safe side.
import type { Clock } from '../../platform/clock.ts';
import type { Tx } from '../../platform/database.ts';
import { RECOUNT_SECONDS } from '../limits.ts';
import { AcmeError } from '../problem.ts';

export interface OpenWork {
  /** To be asked before `added` more are stored, in the same transaction. Throws `rateLimited`. */
  admit(tx: Tx, accountId: string, added: number): Promise<void>;
}

export interface OpenWorkDeps {
  clock: Clock;
  /** How many the account has. */
  count(tx: Tx, accountId: string): Promise<number>;
}

interface Tally {
  atMost: number;
  /** Milliseconds since the epoch; nothing is counted before. */
  recountAt: number;
}

const ACCOUNTS_KEPT = 10_000;

/** `what` is counted, in the plural. */
export function createOpenWork(
  deps: OpenWorkDeps,
  { limit, what }: { limit: number; what: string },
): OpenWork {
  const { clock, count } = deps;
  const tallies = new Map<string, Tally>();

  async function recounted(tx: Tx, accountId: string, recountAt: number): Promise<Tally> {
    if (tallies.size >= ACCOUNTS_KEPT) tallies.clear();
    const tally = { atMost: await count(tx, accountId), recountAt };
    tallies.set(accountId, tally);
    return tally;
  }

  return {
    async admit(tx, accountId, added) {
      const now = clock.now();
      let tally = tallies.get(accountId) ?? (await recounted(tx, accountId, now));
      const recountMs = RECOUNT_SECONDS * 1000;
      // Further ahead than that it is only when the clock was set back.
      const mayRecount = now >= tally.recountAt || now < tally.recountAt - recountMs;
      if (tally.atMost + added > limit && mayRecount) {
        tally = await recounted(tx, accountId, now + recountMs);
      }
      if (tally.atMost + added > limit) throw tooMany(limit, what);
      tally.atMost += added;
    },
  };
}

function tooMany(limit: number, what: string): AcmeError {
  return new AcmeError('rateLimited', `This account has too many ${what}: ${limit} at most.`, {
    headers: { 'retry-after': String(RECOUNT_SECONDS) },
  });
}
