// One connection on Bun's sockets. Bun does not store octets that a write does not take, so the rest waits
// here. All connections share their handlers: `socket.data` is the connection.
import type { BunSocket } from './bun-api.ts';
import type { ListenerState, PendingHandshake } from './bun-listener-state.ts';
import type { Connection, ConnectionEvents, TlsFacts } from './transport.ts';

const NO_EVENTS: ConnectionEvents = { data() {}, drained() {}, ended() {}, closed() {} };

export class BunConnection implements Connection {
  address = '';
  /** The listener that accepted it. */
  listener: ListenerState | undefined;
  /** Until the handshake of a client is over. */
  handshake: PendingHandshake | undefined;
  tls: TlsFacts | undefined;
  #socket: BunSocket<unknown> | undefined;
  #events: ConnectionEvents;
  /** The octets that Bun has not taken yet, oldest first. */
  readonly #waiting: Uint8Array[] = [];
  #open = false;
  #writable = false;
  #theirsEnded = false;
  #endWanted = false;
  #closed = false;
  #error: Error | undefined;

  constructor(events: ConnectionEvents = NO_EVENTS) {
    this.#events = events;
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  attach(socket: BunSocket<unknown>): void {
    this.#socket = socket;
    // Bun no longer has it after the end. A Unix socket has none.
    this.address = socket.remoteAddress ?? '';
  }

  /** A connection of a listener. `accept` may already write. */
  accepted(accept: (connection: Connection) => ConnectionEvents): void {
    this.#open = true;
    this.#writable = true;
    this.#events = accept(this);
  }

  /** A connection that we opened. */
  opened(): void {
    this.#open = true;
    this.#writable = true;
    this.#events.opened?.();
  }

  write(octets: Uint8Array | string): boolean {
    if (!this.#writable || this.#endWanted) return true;
    if (this.#waiting.length > 0) {
      this.#waiting.push(copyFrom(octets, 0));
      return false;
    }
    const socket = this.#socket as BunSocket<unknown>;
    const taken = typeof octets === 'string' ? socket.write(octets, 'latin1') : socket.write(octets);
    if (taken === octets.length) return true;
    // After -1, the event `closed` follows.
    if (taken >= 0) this.#waiting.push(copyFrom(octets, taken));
    return false;
  }

  pause(): void {
    if (this.#open) this.#socket?.pause();
  }

  resume(): void {
    if (this.#open) this.#socket?.resume();
  }

  end(): void {
    if (!this.#writable || this.#endWanted) return;
    this.#endWanted = true;
    if (this.#waiting.length === 0) this.#endNow();
  }

  destroy(): void {
    this.fail(undefined);
  }

  /** Closes it at once; `closed` gets `error`. */
  fail(error: Error | undefined): void {
    if (this.#closed) return;
    this.#error ??= error;
    // Bun would wait until the other side takes the rest, and hold the memory meanwhile.
    const isStuck = this.#waiting.length > 0;
    this.#open = false;
    this.#writable = false;
    this.#waiting.length = 0;
    if (this.#socket === undefined) this.closed(undefined);
    else if (isStuck) this.#socket.terminate();
    else this.#socket.close();
  }

  /** Bun reports failures of TLS here, and errors that our functions threw. */
  failed(error: NodeJS.ErrnoException): void {
    this.fail(error);
    if (error.code !== undefined) return;
    queueMicrotask(() => {
      throw error;
    });
  }

  received(octets: Uint8Array): void {
    if (this.#open) this.#events.data(octets);
  }

  flush(): void {
    if (!this.#writable || this.#waiting.length === 0) return;
    const socket = this.#socket as BunSocket<unknown>;
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const taken = socket.write(first);
      if (taken < first.length) {
        if (taken > 0) this.#waiting[0] = first.subarray(taken);
        return;
      }
      this.#waiting.shift();
    }
    if (this.#endWanted) this.#endNow();
    else this.#events.drained();
  }

  theirsEnded(): void {
    if (this.#theirsEnded) return;
    this.#theirsEnded = true;
    if (!this.#open) return;
    this.#events.ended();
    this.#closeIfBothEnded();
  }

  closed(error: Error | undefined): void {
    if (this.#closed) return;
    this.#closed = true;
    const reason = this.#error ?? error;
    // After our end, Bun does not report the end of the other side; it closes the connection.
    const ended = this.#open && this.#endWanted && !this.#theirsEnded && reason === undefined;
    this.#open = false;
    this.#writable = false;
    this.#waiting.length = 0;
    // Bun calls its handler from within `close()`. Callers of `destroy` do not expect that.
    queueMicrotask(() => {
      if (ended) this.#events.ended();
      this.#events.closed(reason);
    });
  }

  #endNow(): void {
    this.#writable = false;
    this.#socket?.shutdown();
    this.#closeIfBothEnded();
  }

  /** Bun does not close a connection by itself when both sides have ended. */
  #closeIfBothEnded(): void {
    if (this.#theirsEnded && this.#endWanted && !this.#writable) this.fail(undefined);
  }
}

// The caller may reuse its memory, so the rest is copied.
function copyFrom(octets: Uint8Array | string, start: number): Uint8Array {
  if (typeof octets === 'string') return Buffer.from(start === 0 ? octets : octets.slice(start), 'latin1');
  return new Uint8Array(octets.subarray(start));
}
