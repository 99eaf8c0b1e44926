// The time of day at the last request. Admission needs it several times for each request, and reading the
// system's clock each time would cost more than the decision.
import type { Clock } from '@gatehouse/access';

export interface RequestClock extends Clock {
  /** Reads the system's clock. */
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
