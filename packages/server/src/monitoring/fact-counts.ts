// Counts the facts of the gateway on their way to the ledger.

export interface FactCounts {
  readonly pending: number;
  readonly failed: number;
  /** Counts `recorded` until it settles, and returns it. */
  watch(recorded: Promise<void>): Promise<void>;
}

export function createFactCounts(): FactCounts {
  let pending = 0;
  let failed = 0;
  return {
    get pending() {
      return pending;
    },
    get failed() {
      return failed;
    },
    async watch(recorded) {
      pending += 1;
      try {
        await recorded;
      } catch (error) {
        failed += 1;
        throw error;
      } finally {
        pending -= 1;
      }
    },
  };
}
