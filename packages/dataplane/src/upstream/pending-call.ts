// One request to an upstream: first without a connection, then on one. Until then, it stores the octets of
// the request.
import type { FieldList } from '../http1/messages.ts';
import type { Call, UpstreamEvents, UpstreamRequest } from './call.ts';

// RFC 9110 §9.2.2 allows sending these again.
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

const NONE: readonly Uint8Array[] = [];

/** The connection that carries a call. */
export interface Carrier {
  write(octets: Uint8Array): void;
  finish(trailers: FieldList): void;
  /** Returns false if written octets wait. */
  flush(): boolean;
  pause(): void;
  resume(): void;
  destroy(): void;
}

export class PendingCall implements Call {
  readonly request: UpstreamRequest;
  readonly events: UpstreamEvents;
  readonly #abandon: (call: PendingCall) => void;
  #connection: Carrier | undefined;
  #kept: readonly Uint8Array[] = NONE;
  #borrowed: Uint8Array[] | undefined;
  #trailers: FieldList | undefined;
  #repeated = false;
  #over = false;

  /** `abandon` removes a call that has no connection yet. */
  constructor(request: UpstreamRequest, events: UpstreamEvents, abandon: (call: PendingCall) => void) {
    this.request = request;
    this.events = events;
    this.#abandon = abandon;
  }

  /** Whether it may be sent again if its connection closed before the first octet of the answer. */
  mayRepeat(): boolean {
    const { method, body, isWebSocket } = this.request.template;
    return !this.#repeated && body === 'none' && SAFE.has(method) && !isWebSocket;
  }

  /** Its connection was closed. It is sent on another one. */
  repeat(): void {
    this.#repeated = true;
    this.#connection = undefined;
  }

  get isRepeated(): boolean {
    return this.#repeated;
  }

  /** Called once for every connection that carries this call. */
  assign(connection: Carrier): void {
    this.#connection = connection;
    const kept = this.#borrowed ? [...this.#kept, ...this.#borrowed] : this.#kept;
    this.#kept = NONE;
    this.#borrowed = undefined;
    for (const octets of kept) connection.write(octets);
    if (this.#trailers) connection.finish(this.#trailers);
    if (connection.flush() && kept.length > 0) this.events.requestDrained();
  }

  /** The connection gets no more calls, because it now has another request or none. */
  settle(): void {
    this.#over = true;
    this.#connection = undefined;
  }

  fail(error: Error): void {
    if (this.#over) return;
    this.settle();
    this.events.answerFailed(error);
  }

  write(octets: Uint8Array): void {
    if (this.#over) return;
    if (this.#connection) this.#connection.write(octets);
    else if (this.#borrowed) this.#borrowed.push(octets);
    else this.#borrowed = [octets];
  }

  finish(trailers: FieldList): void {
    if (this.#over) return;
    this.#trailers = trailers;
    this.#connection?.finish(trailers);
  }

  flush(): boolean {
    if (this.#over) return true;
    if (this.#connection) return this.#connection.flush();
    if (this.#borrowed) this.#kept = [...this.#kept, Buffer.concat(this.#borrowed)];
    this.#borrowed = undefined;
    return this.#kept.length === 0;
  }

  pause(): void {
    this.#connection?.pause();
  }

  resume(): void {
    this.#connection?.resume();
  }

  abort(): void {
    if (this.#over) return;
    const connection = this.#connection;
    this.settle();
    if (connection) connection.destroy();
    else this.#abandon(this);
  }
}
