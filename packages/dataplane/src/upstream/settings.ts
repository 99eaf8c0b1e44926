// The limits and dependencies of connections to upstreams.
import type { Counts } from '../counts/counts.ts';
import type { Wheel } from '../exchange/wheel.ts';
import type { Transport } from '../transport/transport.ts';
import type { PausedConnections } from './paused-connections.ts';

export interface UpstreamSettings {
  firstByteSeconds: number;
  stallSeconds: number;
  /** The most open connections to one origin. More requests wait, at most as long as connecting may take. */
  maxConnections: number;
  /** Unused connections to one origin. */
  maxIdle: number;
  /** Requests that wait for a connection to one origin. */
  maxWaiting: number;
}

export interface UpstreamDeps {
  transport: Pick<Transport, 'connect'>;
  wheel: Wheel;
  paused: PausedConnections;
  counts: Pick<Counts, 'upstreamConnecting' | 'upstreamNotOpened' | 'upstreamClosed'>;
}
