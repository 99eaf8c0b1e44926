// The chains of the newest certificates. A client fetches its chain once, right after the order is finalized.

export interface RecentChains {
  add(serialNumber: string, chain: RecentChain): void;
  /** Returns the chain once. After that, only the store has it. */
  take(serialNumber: string, accountId: string): string | undefined;
}

export interface RecentChain {
  accountId: string;
  /** PEM. */
  chain: string;
}

const MAX_CHAINS = 256;

export function createRecentChains(): RecentChains {
  const chains = new Map<string, RecentChain>();
  return {
    add(serialNumber, chain) {
      chains.set(serialNumber, chain);
      const [oldest] = chains.keys();
      if (chains.size > MAX_CHAINS && oldest !== undefined) chains.delete(oldest);
    },
    take(serialNumber, accountId) {
      const found = chains.get(serialNumber);
      if (found?.accountId !== accountId) return undefined;
      chains.delete(serialNumber);
      return found.chain;
    },
  };
}
