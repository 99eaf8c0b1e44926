// A TLS listener on Bun's sockets: connections until the end of their handshake, records of handshakes, and
// certificates that can be replaced without losing a connection. Refuses connections above the limit.
import { certificateFailureInWords } from '@gatehouse/access';
import type { BunHandlers, BunSocket } from './bun-api.ts';
import { bunSockets } from './bun-api.ts';
import { BunConnection } from './bun-connection.ts';
import { type Accept, type ListenDeps, ListenerState, type PendingHandshake } from './bun-listener-state.ts';
import { factsOf, listenerTls, replaceContext } from './bun-tls.ts';
import { CLOSED_DURING_HANDSHAKE, failureInWords, HANDSHAKE_TIMED_OUT } from './handshake-failure.ts';
import type { Limited } from './time-limits.ts';
import type { Listener, ListenOptions, ServerTls, TlsFacts } from './transport.ts';

type Socket = BunSocket<BunConnection>;

/** Throws Bun's error, with Node's code, such as `EADDRINUSE`. */
export function bunListen(options: ListenOptions, accept: Accept, deps: ListenDeps): Listener {
  const state = new ListenerState(options, accept, deps);
  const listener = bunSockets().listen({
    hostname: options.host,
    port: options.port,
    reusePort: options.reusePort,
    exclusive: !options.reusePort,
    allowHalfOpen: true,
    data: state,
    tls: listenerTls(options.tls, state.defaultContext),
    socket: handlersFor(options.tls),
  });
  return {
    port: listener.port,
    async present(tls) {
      replaceContext(listener, tls, state.use(tls));
    },
    limit(maxConnections) {
      state.maxConnections = maxConnections;
    },
    stop() {
      listener.stop();
    },
  };
}

/** A running handshake. */
class BunHandshake implements PendingHandshake, Limited {
  readonly listener: ListenerState;
  readonly #connection: BunConnection;
  readonly #time = Date.now();
  readonly #startedAt = performance.now();

  constructor(connection: BunConnection, listener: ListenerState) {
    this.#connection = connection;
    this.listener = listener;
    listener.limits.set(this, listener.options.handshakeSeconds);
  }

  expire(): void {
    this.failed(HANDSHAKE_TIMED_OUT, undefined, undefined);
  }

  succeeded(tls: TlsFacts): void {
    this.#over(tls, tls.sni, undefined);
    this.#connection.tls = tls;
    this.#connection.accepted(this.listener.accept);
  }

  failed(reason: string, tls: TlsFacts | undefined, sni: string | undefined): void {
    this.#over(tls, sni, reason);
    this.#connection.destroy();
  }

  #over(tls: TlsFacts | undefined, sni: string | undefined, failure: string | undefined): void {
    this.#connection.handshake = undefined;
    this.listener.limits.lift(this);
    this.listener.options.handshake({
      time: this.#time,
      address: this.#connection.address,
      sni,
      tls,
      durationMs: performance.now() - this.#startedAt,
      failure,
    });
  }
}

function handlersFor(tls: ServerTls): BunHandlers<BunConnection, ListenerState> {
  return tls.keyLog === undefined ? HANDLERS : { ...HANDLERS, keylog };
}

function keylog(socket: Socket, line: Uint8Array): void {
  socket.data.listener?.keyLog?.write(line);
}

const HANDLERS: BunHandlers<BunConnection, ListenerState> = {
  open(socket) {
    const listener = socket.data as ListenerState;
    const connection = new BunConnection();
    socket.data = connection;
    connection.attach(socket);
    connection.listener = listener;
    listener.buffers.client(socket);
    listener.connections += 1;
    if (listener.connections > listener.maxConnections) connection.destroy();
    else connection.handshake = new BunHandshake(connection, listener);
  },
  handshake: handshakeDone,
  serverName: (listener, name) => listener.contextFor(name),
  data: (socket, octets) => socket.data.received(octets),
  drain: (socket) => socket.data.flush(),
  end: (socket) => socket.data.theirsEnded(),
  error: (socket, error) => socket.data.failed(error),
  close(socket, error) {
    const connection = socket.data;
    connection.handshake?.failed(CLOSED_DURING_HANDSHAKE, undefined, undefined);
    if (connection.listener) connection.listener.connections -= 1;
    connection.listener = undefined;
    connection.closed(error);
  },
};

function handshakeDone(socket: Socket, success: boolean, error: NodeJS.ErrnoException | null): void {
  const { handshake } = socket.data;
  if (!handshake) return;
  const tls = factsOf(socket, error);
  const sni = socket.getServername() || undefined;
  if (!success || !tls) {
    handshake.failed(error ? failureInWords(error, tls !== undefined) : CLOSED_DURING_HANDSHAKE, tls, sni);
    return;
  }
  // Bun reports a handshake with an invalid client certificate as a success, even if a valid one is required.
  if (error && handshake.listener.requiresCertificate)
    handshake.failed(certificateFailureInWords(error.code ?? error.message), tls, sni);
  else handshake.succeeded(tls);
}
