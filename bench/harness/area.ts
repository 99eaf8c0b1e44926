// What every area of the benchmark is: one function that measures, reports and cleans up.
import type { CoreChoice } from './cores.ts';

/** Fewer rounds say nothing about how far the results lie apart: they are a trial, which is not recorded. */
export const LEAST_ROUNDS = 5;

/** What the data plane's sockets stand on. */
export type TransportName = 'auto' | 'bun' | 'node';

export interface BenchOptions {
  rounds: number;
  /** Length of one measurement. */
  seconds: number;
  /** The checkout of another build, to be measured beside this one; for the areas that start the server. */
  against?: string | undefined;
  /** How many users and API keys there are, instead of the area's own numbers; for the area `control`. */
  principals?: readonly number[] | undefined;
  /** What Gatehouse serves on, one row each; default: Bun and Node. For the areas of the gateway. */
  transports?: readonly TransportName[] | undefined;
  /** Instead of the area's own choices; for the areas `gateway-plain` and `gateway-auth`. */
  cores?: readonly CoreChoice[] | undefined;
  /** Whether contenders write an access log, instead of the area's own choices; as `cores`. */
  accessLogs?: readonly boolean[] | undefined;
  /** Aborted when the measurement is to stop. */
  signal: AbortSignal;
}

/** Resolves with whether every row is sound; rejects when nothing could be measured. */
export type Area = (options: BenchOptions) => Promise<boolean>;
