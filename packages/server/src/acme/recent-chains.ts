// The chains of the certificates that were made last: a client fetches its own right after the order is finalized.

export interface RecentChains {
  keep(serialNumber: string, chain: RecentChain): void;
  find(serialNumber: string): RecentChain | undefined;
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
    find: (serialNumber) => chains.get(serialNumber),
  };
}
