// Counts the connections to upstreams that wait for slow clients. The part of an answer that was read stays
// in memory until the client takes it. So if many connections wait, new ones read less at a time.

/** Below this number, memory is not a problem: a few large downloads always wait. */
const MANY = 256;

export interface PausedConnections {
  /** Whether enough connections wait that new ones should read less at a time. */
  readonly areMany: boolean;
  add(): void;
  remove(): void;
}

export function createPausedConnections(): PausedConnections {
  let count = 0;
  return {
    get areMany() {
      return count >= MANY;
    },
    add() {
      count += 1;
    },
    remove() {
      count -= 1;
    },
  };
}
