// The dependencies and limits of exchanges.
import type { EventLog } from '@gatehouse/access';
import type { Channels } from '../channel/channels.ts';
import type { Counts } from '../counts/counts.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import type { AccessRecord } from './access-record.ts';
import type { Admission } from './admission.ts';
import type { Wheel } from './wheel.ts';

export interface ExchangeDeps {
  admission: Admission;
  upstreams: Upstreams;
  /** Undefined: no route opens the channel. */
  channels: Channels | undefined;
  wheel: Wheel;
  requestId(): string;
  log: EventLog;
  counts: Pick<Counts, 'ended' | 'upstreamFailed'>;
  /** Undefined: requests are not logged. */
  accessLog: ((record: AccessRecord) => void) | undefined;
}

export interface ExchangeSettings {
  /** The host of a request without a Host field, which only HTTP/1.0 allows. */
  host: string;
  /** The longest time in which the client takes no octet, or no octet passes through a tunnel. */
  stallSeconds: number;
  /** Grace before `minBodyBytesPerSecond` is enforced. */
  bodySeconds: number;
  /** 0 allows any rate. */
  minBodyBytesPerSecond: number;
}
