// The process's side of claims: it asks the control plane whether a proof or a nonce is used for the first
// time. Claims that arrive together are one message. If the answer does not come in time, the request is
// refused. Callers share the places of those that wait.
import type { Claim, ClaimBatch, ClaimOutcome, ClaimResults, Claims } from '@gatehouse/access';
import { createShares, GatehouseError } from '@gatehouse/access';

const MAX_OUTSTANDING = 2000;
const ANSWER_WITHIN_MS = 3000;

interface Waiting {
  party: string;
  resolve(outcome: ClaimOutcome): void;
  reject(error: Error): void;
}

/** `send` takes a batch to the control plane; its results come back through `settle`. */
export function createLinkClaims(
  send: (batch: ClaimBatch) => void,
  answerWithinMs: number = ANSWER_WITHIN_MS,
): Claims & { settle(results: ClaimResults): void } {
  const outstanding = new Map<number, Waiting>();
  const shares = createShares(MAX_OUTSTANDING);
  let batch: ClaimBatch['claims'] = [];
  let nextId = 1;

  function flush(): void {
    const claims = batch;
    batch = [];
    send({ type: 'claims', claims });
    setTimeout(() => giveUp(claims), answerWithinMs).unref();
  }

  function giveUp(claims: ClaimBatch['claims']): void {
    for (const { id } of claims) take(id)?.reject(unavailable());
  }

  function take(id: number): Waiting | undefined {
    const waiting = outstanding.get(id);
    if (outstanding.delete(id) && waiting) shares.release(waiting.party);
    return waiting;
  }

  return {
    claim(claim: Claim) {
      const { party } = claim;
      if (!shares.take(party)) return Promise.reject(unavailable());
      return new Promise((resolve, reject) => {
        const id = nextId++;
        outstanding.set(id, { party, resolve, reject });
        if (batch.length === 0) setImmediate(flush);
        batch.push({ id, claim });
      });
    },
    settle({ results }) {
      for (const { id, outcome } of results) take(id)?.resolve(outcome);
    },
  };
}

function unavailable(): GatehouseError {
  return new GatehouseError('unavailable', 'The server cannot tell whether this credential was used before.');
}
