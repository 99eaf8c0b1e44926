// The shared state of all connections of a listener on Bun's sockets: its limits, and its current
// certificates.
import type { BufferLimits } from './bun-buffer-limits.ts';
import { serverContext } from './bun-tls.ts';
import type { ByName } from './identities.ts';
import { byName } from './identities.ts';
import type { KeyLog } from './key-log.ts';
import { openKeyLog } from './key-log.ts';
import type { TimeLimits } from './time-limits.ts';
import type {
  Connection,
  ConnectionEvents,
  ListenOptions,
  ServerTls,
  TlsFacts,
  TlsIdentity,
} from './transport.ts';

export type Accept = (connection: Connection) => ConnectionEvents;

export interface ListenDeps {
  limits: TimeLimits;
  buffers: Pick<BufferLimits, 'client'>;
}

/** A running handshake. */
export interface PendingHandshake {
  readonly listener: ListenerState;
  succeeded(tls: TlsFacts): void;
  failed(reason: string, tls: TlsFacts | undefined, sni: string | undefined): void;
}

export class ListenerState {
  readonly options: ListenOptions;
  readonly accept: Accept;
  readonly limits: TimeLimits;
  readonly buffers: Pick<BufferLimits, 'client'>;
  readonly keyLog: KeyLog | undefined;
  requiresCertificate = false;
  maxConnections: number;
  connections = 0;
  defaultContext: unknown;
  contextFor: ByName<unknown> = () => undefined;

  constructor(options: ListenOptions, accept: Accept, { limits, buffers }: ListenDeps) {
    this.options = options;
    this.accept = accept;
    this.limits = limits;
    this.buffers = buffers;
    this.maxConnections = options.maxConnections;
    this.keyLog = options.tls.keyLog === undefined ? undefined : openKeyLog(options.tls.keyLog);
    this.use(options.tls);
  }

  /** Returns the default identity. */
  use(tls: ServerTls): TlsIdentity {
    const context = (identity: TlsIdentity) => serverContext(tls, identity);
    const [first] = tls.identities;
    if (!first) throw new TypeError('A listener needs an identity.');
    this.defaultContext = context(first);
    this.contextFor = byName(tls.identities, context);
    this.requiresCertificate = tls.clients === 'require';
    return first;
  }
}
