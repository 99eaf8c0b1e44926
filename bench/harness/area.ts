// What every area of the benchmark is: one function that measures, reports and cleans up.

export interface BenchOptions {
  rounds: number;
  /** Length of one measurement. */
  seconds: number;
  /** The checkout of another build, to be measured beside this one; for the areas that start the server. */
  against?: string | undefined;
  /** How many users and API keys there are, instead of the area's own numbers; for the area `control`. */
  principals?: readonly number[] | undefined;
  /** Aborted when the measurement is to stop. */
  signal: AbortSignal;
}

/** Resolves with whether every row is sound; rejects when nothing could be measured. */
export type Area = (options: BenchOptions) => Promise<boolean>;
