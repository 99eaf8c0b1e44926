// Facts that must be in the ledger before a request is answered. A worker sends them to the control plane and
// waits. Facts that arrive together share one commit. If too many facts wait, the requests are refused. No
// fact is ever dropped.
import type { ErrorCode } from '../errors/errors.ts';
import { GatehouseError } from '../errors/errors.ts';

/** A fact that must be in the ledger before the request is answered. */
export type Fact =
  | {
      type: 'denied';
      principal: { kind: 'user' | 'service' | 'operator'; name: string } | undefined;
      /** `unauthenticated`, `forbidden` and similar codes. */
      code: string;
      reason: string;
      /** The ids of the policies that forbid it, if a policy decided. Empty: no policy permits it. */
      policies?: readonly string[];
      /** The ids in the credential, not verified. */
      keyId?: string;
      tokenId?: string;
      method: string;
      path: string;
      route: string;
      address: string;
      requestId: string;
    }
  | Alarm
  | { type: 'keyUsed'; id: string; name: string; address: string; requestId: string }
  /** Used to end idle sessions. It is not in the ledger. */
  | { type: 'sessionUsed'; id: string }
  | SignedIn
  | SignedOut;

/** A request was allowed by policies that raise an alarm. */
export interface Alarm {
  type: 'alarm';
  /** The ids of these policies. */
  policies: readonly string[];
  principal: { kind: 'user' | 'service' | 'operator'; name: string };
  method: string;
  path: string;
  route: string;
  address: string;
  requestId: string;
}

/**
 * A browser came back from the sign-in page with a one-time code. The worker has generated the session's
 * secret, so no other process has it.
 */
export interface SignedIn {
  type: 'signedIn';
  code: string;
  /** SHA-256, in base64url, of the state of this browser. */
  state: string;
  host: string;
  /** Of the new session. */
  id: string;
  address: string;
  requestId: string;
}

/** A person has ended the session of a browser. */
export interface SignedOut {
  type: 'signedOut';
  id: string;
  address: string;
  requestId: string;
}

/** Records facts in the ledger. */
export interface FactRecorder {
  /** Resolves when the fact is on disk. Throws `unavailable`, or the refusal of the control plane. */
  record(fact: Fact): Promise<void>;
}

/** Facts for the control plane. */
export interface FactBatch {
  type: 'facts';
  facts: { id: number; fact: Fact }[];
}

/** Says which facts of earlier batches are on disk. */
export interface FactResults {
  type: 'recorded';
  results: FactResult[];
}

/** The result for a fact. */
export interface FactResult {
  id: number;
  ok: boolean;
  /** Why the control plane refuses it, if the client made a mistake. */
  refusal?: { code: ErrorCode; detail: string };
}

const MAX_OUTSTANDING = 2000;

/**
 * The worker's side. `send` sends a batch to the control plane. Its results come back through `settle`.
 * @example
 * const facts = createFactRecorder((batch) => port.postMessage(batch));
 * port.on('message', (results) => facts.settle(results));
 * await facts.record(fact);
 */
export function createFactRecorder(send: (batch: FactBatch) => void): FactRecorder & {
  settle(results: FactResults): void;
} {
  const outstanding = new Map<number, { resolve(): void; reject(error: Error): void }>();
  let batch: FactBatch['facts'] = [];
  let nextId = 1;

  function flush(): void {
    send({ type: 'facts', facts: batch });
    batch = [];
  }

  return {
    record(fact) {
      if (outstanding.size >= MAX_OUTSTANDING) return Promise.reject(unrecorded());
      return new Promise((resolve, reject) => {
        const id = nextId++;
        outstanding.set(id, { resolve, reject });
        if (batch.length === 0) setImmediate(flush);
        batch.push({ id, fact });
      });
    },
    settle({ results }) {
      for (const { id, ok, refusal } of results) {
        const waiting = outstanding.get(id);
        outstanding.delete(id);
        if (ok) waiting?.resolve();
        else waiting?.reject(refusal ? new GatehouseError(refusal.code, refusal.detail) : unrecorded());
      }
    },
  };
}

function unrecorded(): GatehouseError {
  return new GatehouseError('unavailable', 'The request cannot be recorded at the moment.');
}

const MINUTE_MS = 60_000;

/**
 * Reports the first use of each key and session in a minute. Other requests with the same key wait for the
 * same record.
 */
export function createUseReporter(facts: FactRecorder, now: () => number) {
  let minute = 0;
  const reported = new Map<string, Promise<void> | true>();
  return (use: Extract<Fact, { type: 'keyUsed' | 'sessionUsed' }>): Promise<void> | undefined => {
    const thisMinute = Math.floor(now() / MINUTE_MS);
    if (thisMinute !== minute) {
      minute = thisMinute;
      reported.clear();
    }
    const known = reported.get(use.id);
    if (known === true) return undefined;
    if (known) return known;
    // A record that is written after its minute is not valid for the next minute.
    const unlessOver = (act: () => void) => {
      if (reported.get(use.id) === pending) act();
    };
    const pending = facts.record(use).then(
      () => unlessOver(() => reported.set(use.id, true)),
      (error: unknown) => {
        unlessOver(() => reported.delete(use.id));
        throw error;
      },
    );
    reported.set(use.id, pending);
    return pending;
  };
}
