// The time of day, as of the request that came last. Admission needs it several times for each request.
// Asking the system each time would cost more than the decision.
import type { Clock } from '@gatehouse/access';

export interface RequestClock extends Clock {
  /** Asks the system. */
  tick(): void;
}

export function createRequestClock(): RequestClock {
  let time = Date.now();
  return {
    now: () => time,
    tick() {
      time = Date.now();
    },
  };
}
