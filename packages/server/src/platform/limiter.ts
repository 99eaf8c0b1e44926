// So many at once, so many more in a queue, and no more; of one party a part of each. Parties that wait take turns.

export interface Limiter {
  /** Runs `act` when there is room for this party. Throws what `full` makes when a queue is full. */
  run<T>(party: string, act: () => Promise<T>): Promise<T>;
}

export interface LimiterLimits {
  atOnce: number;
  waiting: number;
  atOnceOfOne: number;
  waitingOfOne: number;
}

interface Party {
  running: number;
  waiting: (() => void)[];
}

export function createLimiter(limits: LimiterLimits, full: () => Error): Limiter {
  const parties = new Map<string, Party>();
  /** Those who wait and may run one more, in the order of their turns. */
  const turns = new Set<string>();
  let running = 0;
  let waiting = 0;

  function partyOf(name: string): Party {
    const known = parties.get(name) ?? { running: 0, waiting: [] };
    parties.set(name, known);
    return known;
  }

  async function enter(name: string): Promise<void> {
    const party = partyOf(name);
    if (running < limits.atOnce && party.running < limits.atOnceOfOne) {
      running += 1;
      party.running += 1;
      return;
    }
    if (waiting >= limits.waiting || party.waiting.length >= limits.waitingOfOne) throw full();
    waiting += 1;
    const begun = new Promise<void>((resolve) => party.waiting.push(resolve));
    takeTurn(name, party);
    await begun;
  }

  function takeTurn(name: string, party: Party): void {
    if (party.waiting.length > 0 && party.running < limits.atOnceOfOne) turns.add(name);
  }

  function leave(name: string): void {
    const party = partyOf(name);
    running -= 1;
    party.running -= 1;
    takeTurn(name, party);
    if (party.running === 0 && party.waiting.length === 0) parties.delete(name);
    startNext();
  }

  function startNext(): void {
    const [name] = turns;
    if (name === undefined || running >= limits.atOnce) return;
    turns.delete(name);
    const party = partyOf(name);
    running += 1;
    party.running += 1;
    waiting -= 1;
    party.waiting.shift()?.();
    takeTurn(name, party);
  }

  return {
    async run(name, act) {
      await enter(name);
      try {
        return await act();
      } finally {
        leave(name);
      }
    },
  };
}
