// Connections to upstreams on Bun's sockets. Over TLS, nothing is written before the upstream is verified,
// because Bun would send early octets unencrypted.
import type { BunConnectOptions, BunHandlers, BunSocket, BunTls } from './bun-api.ts';
import { bunSockets } from './bun-api.ts';
import type { Attempt } from './bun-attempts.ts';
import { createAttempts } from './bun-attempts.ts';
import type { BufferLimits } from './bun-buffer-limits.ts';
import { BunConnection } from './bun-connection.ts';
import { clientTls, factsOf } from './bun-tls.ts';
import type { Limited, TimeLimits } from './time-limits.ts';
import type { ClientTls, Connection, ConnectionEvents, ReadSize, Target, TlsFacts } from './transport.ts';
import { identityFlaw, isPinnedOnly } from './upstream-identity.ts';

export type BunConnect = (target: Target, events: ConnectionEvents, reads?: ReadSize) => Connection;

export interface BunConnectDeps {
  limits: TimeLimits;
  buffers: Pick<BufferLimits, 'upstream'>;
}

export function createBunConnect(deps: BunConnectDeps): BunConnect {
  const contexts = new WeakMap<ClientTls, BunTls>();
  const attempts = createAttempts();

  function tlsOf(tls: ClientTls): BunTls {
    const known = contexts.get(tls);
    if (known) return known;
    const made = clientTls(tls);
    contexts.set(tls, made);
    return made;
  }

  return (target, events, reads = 'ordinary') => {
    const attempt = attempts.begin(placeOf(target));
    const connection = new Outgoing({ target, reads, attempt }, events, deps);
    deps.limits.set(connection, target.connectSeconds);
    const { address, tls } = target;
    const where = 'path' in address ? { unix: address.path } : { hostname: address.host, port: address.port };
    const options: BunConnectOptions<Outgoing> = {
      ...where,
      allowHalfOpen: true,
      data: connection,
      ...(tls ? { tls: tlsOf(tls), socket: TLS_HANDLERS } : { socket: HANDLERS }),
    };
    bunSockets()
      .connect(options)
      .catch((error) => connection.notConnected(error));
    return connection;
  };
}

/** A connection that we open. */
class Outgoing extends BunConnection implements Limited {
  readonly target: Target;
  readonly #reads: ReadSize;
  readonly #attempt: Attempt;
  readonly #deps: BunConnectDeps;

  constructor(
    { target, reads, attempt }: { target: Target; reads: ReadSize; attempt: Attempt },
    events: ConnectionEvents,
    deps: BunConnectDeps,
  ) {
    super(events);
    this.target = target;
    this.#reads = reads;
    this.#attempt = attempt;
    this.#deps = deps;
  }

  override attach(socket: BunSocket<unknown>): void {
    this.#attempt.ended('connected');
    super.attach(socket);
    this.#deps.buffers.upstream(socket, this.#reads);
  }

  expire(): void {
    this.fail(Object.assign(new Error('The upstream took too long to connect.'), { code: 'ETIMEDOUT' }));
  }

  /** The system has given up. */
  notConnected(error: NodeJS.ErrnoException): void {
    this.#attempt.ended('failed');
    this.fail(connectFailure(error, this.target));
  }

  override opened(): void {
    this.#deps.limits.lift(this);
    super.opened();
  }

  override closed(error: Error | undefined): void {
    this.#attempt.giveUp();
    this.#deps.limits.lift(this);
    super.closed(error);
  }
}

const HANDLERS: BunHandlers<Outgoing> = {
  open(socket) {
    socket.data.attach(socket);
    // Our time limit ended before the operating system gave up.
    if (socket.data.isClosed) socket.terminate();
    else socket.data.opened();
  },
  data: (socket, octets) => socket.data.received(octets),
  drain: (socket) => socket.data.flush(),
  end: (socket) => socket.data.theirsEnded(),
  error: (socket, error) => socket.data.failed(error),
  close: (socket, error) => socket.data.closed(error),
  connectError: (socket, error) => socket.data.notConnected(error),
};

/** Bun only says that it could not connect. The log needs the code and the place, as in Node. */
function connectFailure(error: NodeJS.ErrnoException, target: Target): Error {
  const { code = error.message } = error;
  return Object.assign(new Error(`connect ${code} ${placeOf(target)}`, { cause: error }), { code });
}

function placeOf({ address }: Target): string {
  return 'path' in address ? address.path : `${address.host}:${address.port}`;
}

const TLS_HANDLERS: BunHandlers<Outgoing> = {
  ...HANDLERS,
  open(socket) {
    socket.data.attach(socket);
    if (socket.data.isClosed) socket.terminate();
  },
  handshake: verifyUpstream,
};

function verifyUpstream(
  socket: BunSocket<Outgoing>,
  success: boolean,
  error: NodeJS.ErrnoException | null,
): void {
  const connection = socket.data;
  if (connection.isClosed) return;
  const tls = connection.target.tls as ClientTls;
  const facts = factsOf(socket, error);
  const verified = isPinnedOnly(tls) ? isComplete(facts, error) : success && !error;
  if (!facts || !verified) {
    connection.fail(error ?? new Error('The upstream closed the connection during the handshake.'));
    return;
  }
  const flaw = identityFlaw(socket.getPeerX509Certificate(), tls);
  if (flaw !== undefined) {
    connection.fail(Object.assign(new Error(flaw), { code: 'ERR_TLS_UPSTREAM_IDENTITY' }));
    return;
  }
  connection.tls = facts;
  connection.opened();
}

/**
 * Whether only the names or the chain were wrong. Bun reports this like a failed handshake, but with the
 * verifier's code. BoringSSL has a session, and so a group, only after a complete handshake.
 */
function isComplete(facts: TlsFacts | undefined, error: NodeJS.ErrnoException | null): boolean {
  return facts !== undefined && facts.group !== 'unknown' && error?.code !== 'EPROTO';
}
