// Updates the witness at an address when the head of the ledger moves. No answer to an act waits for it.
// Before each write it reads the stored head. It never replaces a head that the ledger does not contain,
// because that would remove the evidence that this ledger is an older copy.
import { GatehouseError } from '@gatehouse/access';
import type { LedgerHead } from '../../platform/ledger/ledger-head.ts';
import type { WitnessWriter } from '../../platform/ledger/witness.ts';
import type { Log } from '../../platform/log/log.ts';
import type { StoredHead, WitnessAddress } from './witness-address.ts';

export type Found = StoredHead | 'unreadable' | undefined;

export interface FollowerDeps {
  address: WitnessAddress;
  log: Pick<Log, 'event'>;
  /** The hash of entry 1; null before there is one. */
  ledger(): Promise<string | null>;
  /** Why the stored head contradicts the ledger; undefined if it does not. */
  contradiction(found: Found): Promise<string | undefined>;
  /** Called after each write. */
  wrote(): Promise<void>;
  /** Records a contradiction in the ledger. */
  report(reason: string, found: Found): Promise<void>;
}

export interface FollowerPauses {
  /** The time between two writes. After a crash, an older copy from this time cannot be detected. */
  betweenMs: number;
  /** The pause after many failures, and after a contradiction. */
  longestMs: number;
  /** How long a stop waits for the last write. */
  lastMs: number;
}

// Together with the drain of the gateway, this must be less than the ten seconds for a stop of the server.
const PAUSES: FollowerPauses = { betweenMs: 5000, longestMs: 300_000, lastMs: 1500 };

export interface Follower extends WitnessWriter {
  /** The last entry that is certainly stored there. */
  entries(): number | undefined;
  /** Why the address does not have the head, if the last attempt failed. */
  problem(): string | undefined;
}

export function createFollower(
  deps: FollowerDeps,
  { betweenMs, longestMs, lastMs }: FollowerPauses = PAUSES,
): Follower {
  const stopping = new AbortController();
  let latest: LedgerHead | undefined;
  let written: LedgerHead | undefined;
  let problem: string | undefined;
  let failures = 0;
  let isTold = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();

  function schedule(): void {
    const pause = isTold ? longestMs : Math.min(longestMs, betweenMs * 2 ** failures);
    timer ??= setTimeout(() => {
      timer = undefined;
      running = running.then(attempt);
    }, pause).unref();
  }

  async function attempt(): Promise<void> {
    if (latest === undefined || latest.seq === written?.seq) return;
    try {
      const head = latest;
      await round(head);
      written = head;
      succeeded(head);
    } catch (error) {
      failed(error);
    }
    if (!stopping.signal.aborted && latest.seq !== written?.seq) schedule();
  }

  async function round(head: LedgerHead): Promise<void> {
    const { address } = deps;
    const found = await address.read(stopping.signal);
    const reason = await deps.contradiction(found);
    if (reason !== undefined) throw await contradicted(reason, found);
    await address.write({ ...head, ledger: await deps.ledger() }, stopping.signal);
    await deps.wrote();
  }

  async function contradicted(reason: string, found: Found): Promise<GatehouseError> {
    const { address, log, report } = deps;
    const message =
      `${reason} (${address.url}). This server may run on an older copy, or another server uses the same ` +
      'address: see docs/backup.md. This server does not overwrite the witness';
    if (!isTold) {
      isTold = true;
      log.event('ledger.witness_contradicts', { url: address.url, reason, message });
      await report(reason, found);
    }
    return new GatehouseError('ledger_rolled_back', message);
  }

  function succeeded({ seq }: LedgerHead): void {
    if (problem !== undefined) deps.log.event('ledger.witness_reached', { url: deps.address.url, seq });
    problem = undefined;
    failures = 0;
    isTold = false;
  }

  function failed(error: unknown): void {
    failures += 1;
    const { message } = error as Error;
    const isNew = problem === undefined && !isTold;
    problem = message;
    if (isNew) deps.log.event('ledger.witness_failed', { path: deps.address.url, error, message });
  }

  return {
    entries: () => written?.seq,
    problem: () => problem,
    moved(head) {
      latest = head;
      schedule();
    },
    async flush() {
      clearTimeout(timer);
      const giveUp = setTimeout(() => stopping.abort(), lastMs);
      await running;
      if (!stopping.signal.aborted) await attempt();
      clearTimeout(giveUp);
      clearTimeout(timer);
    },
  };
}
