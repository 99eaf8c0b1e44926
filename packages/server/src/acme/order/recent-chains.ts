// The chains of the certificates that were made last: a client fetches its own right after the order is finalized, once.

export interface RecentChains {
  keep(serialNumber: string, chain: RecentChain): void;
  /** What was kept, once; whoever asks again asks the store. */
  take(serialNumber: string, accountId: string): string | undefined;
}

export interface RecentChain {
  accountId: string;
  /** PEM. */
  chain: string;
}

const CHAINS_KEPT = 256;

export function createRecentChains(): RecentChains {
  const chains = new Map<string, RecentChain>();
  return {
    keep(serialNumber, chain) {
      chains.set(serialNumber, chain);
      const [oldest] = chains.keys();
      if (chains.size > CHAINS_KEPT && oldest !== undefined) chains.delete(oldest);
    },
    take(serialNumber, accountId) {
      const found = chains.get(serialNumber);
      if (found?.accountId !== accountId) return undefined;
      chains.delete(serialNumber);
      return found.chain;
    },
  };
}
