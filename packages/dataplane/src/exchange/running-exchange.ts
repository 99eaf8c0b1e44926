// An exchange, for its connection and the engine.
import type { AdmissionState } from './admission.ts';
import type { StreamEvents } from './client-stream.ts';

export interface RunningExchange extends StreamEvents {
  /** The request that admission checks again after a revocation; undefined before the first decision. */
  readonly state: AdmissionState | undefined;
  start(): void;
  /** Ends the exchange and its connection at once. */
  end(reason: string): void;
}
