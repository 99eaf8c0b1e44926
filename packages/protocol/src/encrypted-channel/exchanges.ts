// The clients of an encrypted endpoint. Their number and age are limited, so that unfinished exchanges cannot
// fill the memory. Refuses a second key for a client. The private key is deleted when its exchange is
// finished.
import type { Fernet } from '../fernet.ts';
import type { X25519KeyPair } from '../x25519.ts';

export interface ExchangesConfig {
  /** Milliseconds since the epoch. */
  clock(): number;
  maxClients: number;
  ttlSeconds: number;
}

export type Exchange =
  | { readonly state: 'offered'; readonly keyPair: X25519KeyPair }
  | { readonly state: 'agreed'; readonly fernet: Fernet };

export interface Exchanges {
  readonly size: number;
  /**
   * Adds a client. At the limit, removes the oldest unfinished exchange, otherwise the finished one that was
   * unused the longest.
   */
  offer(clientId: string, keyPair: X25519KeyPair): void;
  find(clientId: string): Exchange | undefined;
  /**
   * Replaces the key pair with the agreed cipher. Returns false if the client is gone, or has agreed before.
   */
  agree(clientId: string, fernet: Fernet): boolean;
  /** Starts the time of a finished exchange again, because it was used. */
  refresh(clientId: string): void;
}

interface Entry<T> {
  value: T;
  expiresAt: number;
}

/** Creates an empty register of exchanges. */
export function createExchanges({ clock, maxClients, ttlSeconds }: ExchangesConfig): Exchanges {
  // A Map iterates in the order of insertion, and all entries live equally long, so the first is the oldest.
  const offered = new Map<string, Entry<X25519KeyPair>>();
  const agreed = new Map<string, Entry<Fernet>>();

  return {
    get size() {
      return offered.size + agreed.size;
    },
    offer(clientId, keyPair) {
      dropExpired(offered, clock());
      dropExpired(agreed, clock());
      while (offered.size + agreed.size >= maxClients) dropOldest(offered.size > 0 ? offered : agreed);
      offered.set(clientId, entry(keyPair));
    },
    find(clientId) {
      const keyPair = alive(offered, clientId);
      if (keyPair) return { state: 'offered', keyPair };
      const fernet = alive(agreed, clientId);
      return fernet && { state: 'agreed', fernet };
    },
    agree(clientId, fernet) {
      if (alive(offered, clientId) === undefined) return false;
      offered.delete(clientId);
      agreed.set(clientId, entry(fernet));
      return true;
    },
    refresh(clientId) {
      const fernet = alive(agreed, clientId);
      if (fernet === undefined) return;
      agreed.delete(clientId);
      agreed.set(clientId, entry(fernet));
    },
  };

  function entry<T>(value: T): Entry<T> {
    return { value, expiresAt: clock() + ttlSeconds * 1000 };
  }

  function alive<T>(entries: Map<string, Entry<T>>, clientId: string): T | undefined {
    const found = entries.get(clientId);
    return found && found.expiresAt > clock() ? found.value : undefined;
  }
}

function dropExpired(entries: Map<string, Entry<unknown>>, now: number): void {
  for (const [clientId, { expiresAt }] of entries) {
    if (expiresAt > now) return;
    entries.delete(clientId);
  }
}

function dropOldest(entries: Map<string, Entry<unknown>>): void {
  for (const clientId of entries.keys()) {
    entries.delete(clientId);
    return;
  }
}
