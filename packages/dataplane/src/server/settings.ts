// The limits and dependencies of a client's connection.
import type { Counts } from '../counts/counts.ts';
import type { AccessRecord } from '../exchange/access-record.ts';
import type { Client, ClientStream } from '../exchange/client-stream.ts';
import type { RunningExchange } from '../exchange/running-exchange.ts';
import type { Wheel } from '../exchange/wheel.ts';
import type { KnownHeads } from '../http1/known-heads.ts';
import type { RequestHead } from '../http1/messages.ts';

export interface ServerSettings {
  maxHeadBytes: number;
  maxFields: number;
  /** All fields of a request, counted from its first octet. */
  headersSeconds: number;
  /** Between two requests. */
  idleSeconds: number;
}

/** A client's connection, for the engine. */
export interface OpenConnection {
  readonly client: Client;
  /** The state of the current request. */
  readonly exchange: RunningExchange | undefined;
  endIfIdle(): void;
  destroy(): void;
}

export interface ServerDeps {
  wheel: Wheel;
  /** The value of Date now. */
  httpDate(): string;
  requestId(): string;
  counts: Pick<Counts, 'unreadable'>;
  accessLog: ((record: AccessRecord) => void) | undefined;
  /** The facts about a client that all its requests share. */
  createExchange(stream: ClientStream): RunningExchange;
  knownHeads: KnownHeads<RequestHead>;
  /** The open connections. */
  connections: Set<OpenConnection>;
  /** Whether connections should end after the current answer. */
  isDraining(): boolean;
  presentedBy(connection: { tls: Client['tls'] }): Client['presented'];
}
