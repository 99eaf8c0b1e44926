// Checks the chain when a server starts, so that an altered entry is reported at once and not only by `audit
// verify`. The last entries are checked before the server serves, the others while it does, in small
// portions.
//
// A broken chain does not stop the start. The ledger makes no decisions: an attacker who can write to the
// database could also add keys. A gateway that is down because of one bad row would help the attacker, and
// its operator might remove the evidence. So the server reports it in three places: as an error in its log,
// in `gatehouse status`, and in a new entry of the ledger. The head never becomes genuine again (`moveHead`),
// so `audit verify` always finds it.

import { setTimeout as delay } from 'node:timers/promises';
import { EMPTY_LEDGER } from '../platform/ledger/ledger-head.ts';
import type { Log } from '../platform/log/log.ts';
import type { Verification } from './chain.ts';
import { verifyChain } from './chain.ts';
import type { AuditStore } from './store.ts';

/** The number of entries that a start can check in about 50 ms. */
const TAIL_ENTRIES = 10_000;
/**
 * The pause between two pages. A page takes a few milliseconds, so the check takes a fifth of a core at most.
 */
const PAUSE_MS = 25;

export type LedgerProblem = NonNullable<Verification['problem']>;

export interface SelfCheck {
  /** The first entry that did not match, if there is one. */
  problem(): LedgerProblem | undefined;
  /** Checks the last entries. */
  tail(): Promise<void>;
  /** Checks all entries if there are more than the last ones. Resolves when it is done or stopped. */
  rest(): Promise<void>;
  /** Ends the check. */
  stop(): Promise<void>;
}

export interface SelfCheckDeps {
  store: AuditStore;
  headKey: Uint8Array;
  log: Pick<Log, 'event'>;
  /** Records the finding. */
  found(problem: LedgerProblem): Promise<void>;
}

export function createSelfCheck(deps: SelfCheckDeps, tailEntries = TAIL_ENTRIES): SelfCheck {
  const { store, headKey, log } = deps;
  const stopping = new AbortController();
  let problem: LedgerProblem | undefined;
  let wasWhole = false;
  let running: Promise<void> = Promise.resolve();

  async function report(found: LedgerProblem | undefined): Promise<void> {
    if (found === undefined) return;
    problem = found;
    const message =
      `the ledger was altered at entry ${found.seq}: ${found.reason}. ` +
      "Another program or person wrote to the database: see 'gatehouse audit verify' and docs/ledger.md";
    log.event('ledger.altered', { ...found, message });
    await deps.found(found);
  }

  async function checkTail(): Promise<void> {
    const head = await store.head();
    const before = Math.max(0, (head?.seq ?? 0) - tailEntries);
    wasWhole = before === 0;
    const hash = wasWhole ? EMPTY_LEDGER.hash : await store.hashOf(before);
    if (hash === undefined) return report({ seq: before, reason: 'the entry is missing' });
    await report((await verifyChain(store, headKey, { from: { seq: before, hash } })).problem);
  }

  async function checkAll(): Promise<void> {
    const pause = () => delay(PAUSE_MS, undefined, { signal: stopping.signal, ref: false });
    await report((await verifyChain(store, headKey, { pause })).problem);
  }

  return {
    problem: () => problem,
    tail: checkTail,
    rest() {
      if (!wasWhole && !problem)
        running = checkAll().catch((error) => {
          if (!stopping.signal.aborted) log.event('ledger.not_checked', { error });
        });
      return running;
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
