// What every area of the benchmark is: one function that measures, reports and cleans up.

export interface BenchOptions {
  rounds: number;
  /** Length of one measurement. */
  seconds: number;
  /** Aborted when the measurement is to stop. */
  signal: AbortSignal;
}

/** Resolves with whether every row is sound; rejects when nothing could be measured. */
export type Area = (options: BenchOptions) => Promise<boolean>;
