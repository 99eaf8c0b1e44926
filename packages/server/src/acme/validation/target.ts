// Connects to a host (RFC 8555 §10.4): looks its addresses up once, drops those outside `acme.networks`, and
// connects to the others by address. So no second look-up can lead to another address.
import type { Socket } from 'node:net';
import { connect, isIP } from 'node:net';
import { createLimiter } from '../../platform/limits/limiter.ts';
import { CONNECTIONS_TO_ADDRESS } from '../limits.ts';
import { AcmeError, truncated } from '../problem.ts';
import { reasonOf, tooManyValidations } from './failure.ts';
import type { RaceTimes } from './happy-eyeballs.ts';
import { firstConnected, interleaved } from './happy-eyeballs.ts';
import type { Networks } from './networks.ts';
import type { Resolver } from './resolver.ts';

export interface TcpConnection {
  /** Closed when the signal of `connect` aborts. */
  socket: Socket;
  address: string;
}

export interface Targets {
  /**
   * A TCP connection to the address of a DNS name that accepts first, or to an IP address. The choice is
   * final: if its content is wrong, no other address is tried. Throws AcmeError `dns` or `connection`.
   */
  connect(host: string, port: number, signal: AbortSignal): Promise<TcpConnection>;
}

/**
 * How many addresses of one host are tried. All attempts start within two seconds, and a name from outside
 * cannot cause more connections.
 */
const MAX_ADDRESSES = 8;

/**
 * A validation has ten seconds. So a server that accepts a connection late still has two seconds to answer.
 */
const TIMES: RaceTimes = { delayMs: 250, timeoutMs: 8000 };

// Everything that waits here belongs to a running validation, and their number is limited.
const CONNECTIONS = {
  atOnce: Number.POSITIVE_INFINITY,
  waiting: Number.POSITIVE_INFINITY,
  atOnceOfOne: CONNECTIONS_TO_ADDRESS,
  waitingOfOne: Number.POSITIVE_INFINITY,
};

export function createTargets(
  { resolver, networks }: { resolver: Resolver; networks: Networks },
  times: RaceTimes = TIMES,
): Targets {
  const connections = createLimiter(CONNECTIONS, tooManyValidations);

  async function allowedAddresses(host: string): Promise<string[]> {
    const addresses = isIP(host) === 0 ? await resolver.addresses(host) : [host];
    const allowed = interleaved(addresses.filter((address) => networks.has(address)));
    if (allowed.length > 0) return allowed.slice(0, MAX_ADDRESSES);
    const where = addresses.slice(0, MAX_ADDRESSES).join(', ') || 'no address';
    throw new AcmeError(
      'connection',
      `${truncated(host)} is at ${where}, where validation does not connect: see acme.networks.`,
    );
  }

  /** Counts as one of the connections to the address until it is closed. */
  function open(address: string, port: number, signal: AbortSignal): Promise<TcpConnection> {
    return new Promise((resolve, reject) => {
      let socket: Socket | undefined;
      const counted = connections.run(address, () => {
        signal.throwIfAborted();
        const opened = connect({ host: address, port });
        socket = opened;
        opened.once('connect', () => resolve({ socket: opened, address }));
        return closed(opened);
      });
      counted.catch(reject);
      const stop = () => {
        // An attempt that still waits for its turn has no connection to close.
        socket?.destroy(signal.reason);
        reject(signal.reason);
      };
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  return {
    async connect(host, port, signal) {
      const addresses = await allowedAddresses(host);
      const attempt = (address: string, calledOff: AbortSignal) => open(address, port, calledOff);
      const outcome = await firstConnected(addresses, attempt, { ...times, signal });
      if ('connection' in outcome) return outcome.connection;
      const reasons = outcome.failed.map(({ address, reason }) => `${address}: ${reasonOf(reason)}`);
      throw new AcmeError(
        'connection',
        `Connecting to ${truncated(host)} on port ${port} failed (${reasons.join(', ')}).`,
        { cause: outcome.failed[0]?.reason },
      );
    },
  };
}

/** Rejects where the connection ends with an error. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('close', resolve);
    socket.once('error', reject);
  });
}
