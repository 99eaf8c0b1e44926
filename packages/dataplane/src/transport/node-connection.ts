// One connection on a Node socket. All connections share their listeners. The socket has a reference to its
// connection, so a connection needs no closures.
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Connection, ConnectionEvents, TlsFacts } from './transport.ts';

const OWNER = Symbol('connection');

type Owned = Socket & { [OWNER]: NodeConnection };

const NO_EVENTS: ConnectionEvents = { data() {}, drained() {}, ended() {}, closed() {} };

export class NodeConnection implements Connection {
  address: string;
  tls: TlsFacts | undefined;
  readonly #socket: Socket;
  #events: ConnectionEvents;
  #open = false;
  #ending = false;
  #error: Error | undefined;

  constructor(socket: Socket, events: ConnectionEvents = NO_EVENTS) {
    this.#socket = socket;
    this.#events = events;
    this.address = socket.remoteAddress ?? '';
    (socket as Owned)[OWNER] = this;
    socket.on('drain', onDrain).on('end', onEnd).on('error', onError).on('close', onClose);
  }

  static of(socket: Socket): NodeConnection {
    return (socket as Owned)[OWNER];
  }

  /** A connection of a listener. `accept` may already write. */
  accepted(accept: (connection: Connection) => ConnectionEvents): void {
    this.#open = true;
    this.#events = accept(this);
    this.#socket.on('data', onData);
  }

  /** A connection that we opened. */
  opened(): void {
    this.#open = true;
    this.address = this.#socket.remoteAddress ?? '';
    this.#events.opened?.();
  }

  write(octets: Uint8Array | string): boolean {
    if (!this.#open || this.#ending) return true;
    const socket = this.#socket;
    if (typeof octets === 'string') return socket.write(octets, 'latin1');
    // TLS encrypts at once if nothing waits. Otherwise Node holds a reference to the memory, which the caller
    // may reuse.
    const encryptsNow = socket.writableLength === 0 && (socket as TLSSocket).encrypted === true;
    return socket.write(encryptsNow ? octets : Buffer.from(octets));
  }

  pause(): void {
    if (this.#open) this.#socket.pause();
  }

  resume(): void {
    if (this.#open) this.#socket.resume();
  }

  end(): void {
    if (!this.#open || this.#ending) return;
    this.#ending = true;
    this.#socket.end();
  }

  destroy(): void {
    this.#open = false;
    this.#socket.destroy();
  }

  /** Closes it at once; `closed` gets `error`. */
  fail(error: Error): void {
    this.#error ??= error;
    this.destroy();
  }

  received(octets: Uint8Array): void {
    if (this.#open) this.#events.data(octets);
  }

  drained(): void {
    if (this.#open && !this.#ending) this.#events.drained();
  }

  theirsEnded(): void {
    if (this.#open) this.#events.ended();
  }

  closed(): void {
    this.#open = false;
    this.#events.closed(this.#error);
  }

  failed(error: Error): void {
    this.#error ??= error;
  }
}

function onData(this: Socket, octets: Uint8Array): void {
  NodeConnection.of(this).received(octets);
}

function onDrain(this: Socket): void {
  NodeConnection.of(this).drained();
}

function onEnd(this: Socket): void {
  NodeConnection.of(this).theirsEnded();
}

function onError(this: Socket, error: Error): void {
  NodeConnection.of(this).failed(error);
}

function onClose(this: Socket): void {
  NodeConnection.of(this).closed();
}
