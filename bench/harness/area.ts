// The type of every area of the benchmark: one function that measures, reports and cleans up.
import type { CoreChoice } from './cores.ts';

/** Fewer rounds do not show the spread of the results, so they are a trial, which is not recorded. */
export const LEAST_ROUNDS = 5;

/** The transport of the data plane. */
export type TransportName = 'auto' | 'bun' | 'node';

export interface BenchOptions {
  rounds: number;
  /** The length of one measurement. */
  seconds: number;
  /** The checkout of another build to measure beside this one. For areas that start the server. */
  against?: string | undefined;
  /** The number of users and API keys, instead of the area's own numbers. For the area `control`. */
  principals?: readonly number[] | undefined;
  /** The transports of Gatehouse, one row for each. Default: Bun and Node. For the areas of the gateway. */
  transports?: readonly TransportName[] | undefined;
  /** Instead of the area's own choices. For the areas `gateway-plain` and `gateway-auth`. */
  cores?: readonly CoreChoice[] | undefined;
  /**
   * Whether contenders write an access log, instead of the area's own choices. For the same areas as `cores`.
   */
  accessLogs?: readonly boolean[] | undefined;
  /** Aborted when the measurement must stop. */
  signal: AbortSignal;
}

/** Resolves with whether every row is valid. Rejects if nothing could be measured. */
export type Area = (options: BenchOptions) => Promise<boolean>;
