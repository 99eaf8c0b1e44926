// Limits how much runs at once and how much waits, in total and for each party. Waiting parties take turns,
// so a party with many acts delays the others by one turn at most.

export interface Limiter {
  /** Runs `act` when it is the turn of this party. Throws the error of `full` if its queue is full. */
  run<T>(party: string, act: () => Promise<T>): Promise<T>;
}

export interface LimiterLimits {
  atOnce: number;
  waiting: number;
  atOnceOfOne: number;
  waitingOfOne: number;
  /**
   * What happens when `waiting` is reached. `refuse` (the default) refuses the new act. `displace` refuses
   * the last act of the party with the most waiting acts instead, if the new act's party has fewer. Use it if
   * a waiting act can still be refused.
   */
  whenFull?: 'refuse' | 'displace';
}

interface WaitingAct {
  begin(): void;
  refuse(error: Error): void;
}

interface Party {
  running: number;
  waiting: WaitingAct[];
}

/** `full` creates the error for a refused act of `party`. */
export function createLimiter(limits: LimiterLimits, full: (party: string) => Error): Limiter {
  const parties = new Map<string, Party>();
  /** The waiting parties that may run one more act, in the order of their turns. */
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
    if (party.waiting.length >= limits.waitingOfOne || !hasPlaceFor(party)) {
      forgetIfUnused(name, party);
      throw full(name);
    }
    waiting += 1;
    const begun = new Promise<void>((begin, refuse) => party.waiting.push({ begin, refuse }));
    takeTurn(name, party);
    await begun;
  }

  function hasPlaceFor(party: Party): boolean {
    return waiting < limits.waiting || (limits.whenFull === 'displace' && displaceFor(party));
  }

  /**
   * Refuses the last act of the party with the most waiting acts. Returns false if it does not have two more
   * than `newcomer`.
   */
  function displaceFor(newcomer: Party): boolean {
    let most: [string, Party] | undefined;
    for (const entry of parties) {
      if (!most || entry[1].waiting.length > most[1].waiting.length) most = entry;
    }
    if (!most || most[1].waiting.length <= newcomer.waiting.length + 1) return false;
    const [name, party] = most;
    waiting -= 1;
    party.waiting.pop()?.refuse(full(name));
    return true;
  }

  function takeTurn(name: string, party: Party): void {
    if (party.waiting.length > 0 && party.running < limits.atOnceOfOne) turns.add(name);
  }

  function leave(name: string): void {
    const party = partyOf(name);
    running -= 1;
    party.running -= 1;
    takeTurn(name, party);
    forgetIfUnused(name, party);
    startNext();
  }

  function forgetIfUnused(name: string, party: Party): void {
    if (party.running === 0 && party.waiting.length === 0) parties.delete(name);
  }

  function startNext(): void {
    const [name] = turns;
    if (name === undefined || running >= limits.atOnce) return;
    turns.delete(name);
    const party = partyOf(name);
    running += 1;
    party.running += 1;
    waiting -= 1;
    party.waiting.shift()?.begin();
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
