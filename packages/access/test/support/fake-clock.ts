// A clock that moves only when a test moves it.
import type { Clock } from '../../src/clock.ts';

export interface FakeClock extends Clock {
  advance(seconds: number): void;
}

/** Starts at a whole second. */
export function createFakeClock(start = Date.parse('2026-03-01T12:00:00Z')): FakeClock {
  let now = start;
  return {
    now: () => now,
    advance(seconds) {
      now += seconds * 1000;
    },
  };
}
