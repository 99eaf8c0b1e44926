// Nonces for DPoP proofs at a protected resource (RFC 9449 §9): they show that a proof was made a short time
// ago, independent of the client's clock. A nonce is a MAC over the minute in which it is offered. So every
// process recognises the nonces of all others, and no process stores them. This file does not check that a
// proof is used only once.
import { createHmac } from 'node:crypto';
import type { Clock } from '../clock.ts';

export interface DpopNonces {
  /** The nonce of this minute. */
  current(): string;
  accepts(nonce: string): boolean;
}

const STEP_MS = 60_000;
/** How many minutes a nonce is accepted after its own minute. */
const STEPS_AFTER = 4;
/** The clock of another process may be ahead. */
const STEPS_BEFORE = 1;
const MAC_OCTETS = 18;

/**
 * The first of `keys` makes the nonces. Nonces of the other keys are also accepted. All processes have the
 * same keys.
 */
export function createDpopNonces(keys: readonly Uint8Array[], clock: Clock): DpopNonces {
  let step = Number.NaN;
  let accepted = new Set<string>();
  let offered = '';

  function renew(): void {
    const now = Math.floor(clock.now() / STEP_MS);
    if (now === step) return;
    step = now;
    const steps = Array.from({ length: STEPS_AFTER + 1 + STEPS_BEFORE }, (_, at) => now - STEPS_AFTER + at);
    accepted = new Set(keys.flatMap((key) => steps.map((each) => nonceOf(key, each))));
    const [first] = keys;
    offered = first ? nonceOf(first, now) : '';
  }

  return {
    current() {
      renew();
      return offered;
    },
    // A nonce is not secret: anyone may ask for one. So the comparison need not take constant time.
    accepts(nonce) {
      renew();
      return accepted.has(nonce);
    },
  };
}

function nonceOf(key: Uint8Array, step: number): string {
  const mac = createHmac('sha256', key).update(`gatehouse-dpop-nonce-v1 ${step}`).digest();
  return mac.subarray(0, MAC_OCTETS).toString('base64url');
}
