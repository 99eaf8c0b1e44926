// What happened on the network for one call: each of its requests, with redirects and repetitions.
import type { ConnectionTimes } from '../network/connection-log.ts';

/** One request on the network. Times are in milliseconds. */
export interface Hop {
  method: string;
  /** Without query and fragment, which may contain secrets. */
  url: string;
  /** 1, and one more for each repetition. */
  attempt: number;
  /** Undefined if there was no answer. */
  status: number | undefined;
  /** Since the beginning of the call. */
  startedMs: number;
  /** Undefined if an open connection was used. */
  connection: ConnectionTimes | undefined;
  /** From sending the request to the header of the answer. */
  waitMs: number | undefined;
  /** To the header of the answer, or to the failure. */
  durationMs: number;
}
