// Counts the connections to upstreams that wait for slow clients. What was read of an answer stays in memory
// while its client does not take it. So when many connections wait, new ones read less at a time.

/** Up to here, memory is no concern: a few large downloads wait all the time. */
const MANY = 256;

export interface PausedConnections {
  /** Whether so many wait that new connections should read less at a time. */
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
