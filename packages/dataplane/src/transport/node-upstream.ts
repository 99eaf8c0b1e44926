// Connections to upstreams on Node. All reads use one shared buffer, so reading allocates nothing. Over TLS,
// nothing is written before the upstream is verified.
import type { Socket, SocketConstructorOpts, TcpSocketConnectOpts } from 'node:net';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { connect as connectTls, createSecureContext } from 'node:tls';
import { NodeConnection } from './node-connection.ts';
import { factsOf, upstreamOptions } from './node-tls.ts';
import { UpstreamSocket } from './node-upstream-socket.ts';
import type { Limited, TimeLimits } from './time-limits.ts';
import type { ClientTls, Connection, ConnectionEvents, ReadSize, Target } from './transport.ts';
import { identityFlaw } from './upstream-identity.ts';

export type NodeConnect = (target: Target, events: ConnectionEvents, reads?: ReadSize) => Connection;

const READ_OCTETS: Record<ReadSize, number> = { ordinary: 64 * 1024, small: 16 * 1024 };

export function createNodeConnect(limits: TimeLimits): NodeConnect {
  const known = new WeakMap<ClientTls, ConnectionOptions>();
  const onreads = { ordinary: onreadOf('ordinary'), small: onreadOf('small') };

  function tlsOf(tls: ClientTls): ConnectionOptions {
    const found = known.get(tls);
    if (found) return found;
    const options = upstreamOptions(tls);
    const made = { ...options, secureContext: createSecureContext(options) };
    known.set(tls, made);
    return made;
  }

  return ({ address, tls, connectSeconds }, events, reads = 'ordinary') => {
    const where = { ...address, onread: onreads[reads], allowHalfOpen: true, noDelay: true };
    const socket = tls
      ? connectTls({ ...tlsOf(tls), ...where } as ConnectionOptions)
      : new UpstreamSocket(where as SocketConstructorOpts).connect(where as TcpSocketConnectOpts);
    const connection = new Outgoing(socket, events, { limits, tls });
    limits.set(connection, connectSeconds);
    return connection;
  };
}

function onreadOf(reads: ReadSize) {
  return { buffer: new Uint8Array(READ_OCTETS[reads]), callback: onRead };
}

// Node calls it as a method of the socket, although its types do not say so.
function onRead(this: unknown, count: number, buffer: Uint8Array): boolean {
  NodeConnection.of(this as Socket).received(count === buffer.length ? buffer : buffer.subarray(0, count));
  return true;
}

/** A connection that we open. */
class Outgoing extends NodeConnection implements Limited {
  readonly #limits: TimeLimits;
  readonly #tls: ClientTls | undefined;

  constructor(
    socket: Socket,
    events: ConnectionEvents,
    { limits, tls }: { limits: TimeLimits; tls: ClientTls | undefined },
  ) {
    super(socket, events);
    this.#limits = limits;
    this.#tls = tls;
    socket.on(tls ? 'secureConnect' : 'connect', onConnected);
  }

  expire(): void {
    this.fail(Object.assign(new Error('The upstream took too long to connect.'), { code: 'ETIMEDOUT' }));
  }

  connected(socket: Socket): void {
    if (this.#tls && !this.#verify(socket as TLSSocket, this.#tls)) return;
    this.#limits.lift(this);
    this.opened();
  }

  override closed(): void {
    this.#limits.lift(this);
    super.closed();
  }

  #verify(socket: TLSSocket, tls: ClientTls): boolean {
    const flaw = identityFlaw(socket.getPeerX509Certificate(), tls);
    if (flaw === undefined) this.tls = factsOf(socket);
    else this.fail(Object.assign(new Error(flaw), { code: 'ERR_TLS_UPSTREAM_IDENTITY' }));
    return flaw === undefined;
  }
}

function onConnected(this: Socket): void {
  (NodeConnection.of(this) as Outgoing).connected(this);
}
