// Asks the control plane whether a proof or a nonce is used for the first time. It sends one message at a
// time. Claims that arrive before the answer go into the next message. If the answer does not come in time,
// the requests are refused. The number of waiting claims is limited, also for each caller.
import type { Claim, ClaimBatch, ClaimOutcome, ClaimResults, Claims } from '@gatehouse/access';
import { createShares, GatehouseError } from '@gatehouse/access';

const MAX_OUTSTANDING = 2000;
const ANSWER_WITHIN_MS = 3000;

interface Waiting {
  party: string;
  resolve(outcome: ClaimOutcome): void;
  reject(error: Error): void;
}

/** `send` sends a batch to the control plane. Its results come back through `settle`. */
export function createLinkClaims(
  send: (batch: ClaimBatch) => void,
  answerWithinMs: number = ANSWER_WITHIN_MS,
): Claims & { settle(results: ClaimResults): void } {
  const outstanding = new Map<number, Waiting>();
  const shares = createShares(MAX_OUTSTANDING);
  let batch: ClaimBatch['claims'] = [];
  let isOnItsWay = false;
  let nextId = 1;

  function flush(): void {
    const claims = batch;
    batch = [];
    isOnItsWay = claims.length > 0;
    if (!isOnItsWay) return;
    send({ type: 'claims', claims });
    setTimeout(() => giveUp(claims), answerWithinMs).unref();
  }

  function giveUp(claims: ClaimBatch['claims']): void {
    const late = claims.filter(({ id }) => outstanding.has(id));
    for (const { id } of late) take(id)?.reject(unavailable());
    if (late.length > 0) flush();
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
        batch.push({ id, claim });
        if (isOnItsWay) return;
        isOnItsWay = true;
        setImmediate(flush);
      });
    },
    settle({ results }) {
      for (const { id, outcome } of results) take(id)?.resolve(outcome);
      flush();
    },
  };
}

function unavailable(): GatehouseError {
  return new GatehouseError('unavailable', 'The server cannot tell whether this credential was used before.');
}
