// Divides the connections of a listener among client addresses. Each address has a share, for connections and
// for unfinished TLS handshakes. At a limit, an idle connection is closed: one of the same address if its
// share is full, or one of the address with the most connections if the listener is full. So one address
// cannot block the others.
import { addressShareOf } from './address-share.ts';

export interface ConnectionLimits {
  total: number;
  /** The most connections of one address share. */
  ofOne: number;
  /** The most unfinished TLS handshakes of one address share. */
  handshakesOfOne: number;
}

/** At most half of the connections of one address can be in the handshake. */
export function connectionLimits(settings: {
  maxConnections: number;
  connectionsPerAddress: number;
}): ConnectionLimits {
  const ofOne = Math.min(settings.connectionsPerAddress, settings.maxConnections);
  return { total: settings.maxConnections, ofOne, handshakesOfOne: Math.ceil(ofOne / 2) };
}

/** `refused`: a new connection was not accepted. `closed`: an idle one was closed for a new one. */
export type RefusalKind = 'refused' | 'closed';

export interface ConnectionShares {
  /** Adds a connection from `address`. `cut` must end it. Undefined if the connection is refused. */
  open(address: string, phase: 'handshake' | 'secure', cut: () => void): OpenConnection | undefined;
  cutHandshakes(): void;
  cutAll(): void;
}

/** A connection is idle unless one of its requests is being answered. */
export interface OpenConnection {
  handshakeDone(): void;
  requestBegun(): void;
  requestEnded(): void;
  closed(): void;
}

interface Connection {
  share: Share;
  cut(): void;
  requests: number;
}

/** The connections of one address share. The sets are in the order in which their members entered them. */
interface Share {
  name: string;
  all: Set<Connection>;
  quiet: Set<Connection>;
  handshakes: Set<Connection>;
}

export function createConnectionShares(
  limits: ConnectionLimits,
  refused: (kind: RefusalKind, addressShare: string) => void,
): ConnectionShares {
  const shares = new Map<string, Share>();
  let total = 0;

  function open(address: string, phase: 'handshake' | 'secure', cut: () => void): OpenConnection | undefined {
    const share = shareNamed(addressShareOf(address));
    if (!makeRoom(share, phase)) {
      refused('refused', share.name);
      return undefined;
    }
    const connection: Connection = { share, cut, requests: 0 };
    total += 1;
    shares.set(share.name, share);
    share.all.add(connection);
    share.quiet.add(connection);
    if (phase === 'handshake') share.handshakes.add(connection);
    return {
      handshakeDone() {
        if (!share.handshakes.delete(connection)) return;
        moveToEnd(share.quiet, connection);
      },
      requestBegun() {
        connection.requests += 1;
        share.quiet.delete(connection);
      },
      requestEnded() {
        connection.requests -= 1;
        if (connection.requests === 0 && share.all.has(connection)) share.quiet.add(connection);
      },
      closed: () => remove(connection),
    };
  }

  function shareNamed(name: string): Share {
    return shares.get(name) ?? { name, all: new Set(), quiet: new Set(), handshakes: new Set() };
  }

  function makeRoom(share: Share, phase: 'handshake' | 'secure'): boolean {
    if (phase === 'handshake' && share.handshakes.size >= limits.handshakesOfOne) {
      return replace(firstOf(share.handshakes));
    }
    if (share.all.size >= limits.ofOne) return replace(firstOf(share.quiet));
    return total < limits.total || replace(victimFor(share));
  }

  /**
   * Prefers an idle connection. Closes one that answers a request only if its address has two more
   * connections than the address of the new one.
   */
  function victimFor(newcomer: Share): Connection | undefined {
    const having = (more: number) =>
      [...shares.values()].filter(({ all }) => all.size >= newcomer.all.size + more);
    const quiet = largestOf(having(1).filter((share) => share.quiet.size > 0));
    return firstOf((quiet ?? newcomer).quiet) ?? firstOf(largestOf(having(2))?.all ?? []);
  }

  function replace(victim: Connection | undefined): boolean {
    if (victim === undefined) return false;
    remove(victim);
    victim.cut();
    refused('closed', victim.share.name);
    return true;
  }

  function remove(connection: Connection): void {
    const { share } = connection;
    if (!share.all.delete(connection)) return;
    total -= 1;
    share.quiet.delete(connection);
    share.handshakes.delete(connection);
    if (share.all.size === 0) shares.delete(share.name);
  }

  function cutEach(select: (share: Share) => Set<Connection>): void {
    const selected = [...shares.values()].flatMap((share) => [...select(share)]);
    for (const connection of selected) {
      remove(connection);
      connection.cut();
    }
  }

  return {
    open,
    cutHandshakes: () => cutEach(({ handshakes }) => handshakes),
    cutAll: () => cutEach(({ all }) => all),
  };
}

function firstOf<T>(members: Iterable<T>): T | undefined {
  const [first] = members;
  return first;
}

function largestOf(shares: readonly Share[]): Share | undefined {
  return shares.reduce<Share | undefined>(
    (largest, share) => (largest && largest.all.size >= share.all.size ? largest : share),
    undefined,
  );
}

function moveToEnd<T>(set: Set<T>, member: T): void {
  set.delete(member);
  set.add(member);
}
