// The ciphers of the sessions that were used last. One that was dropped can be computed again, while its offer
// lives.

export interface KnownCipher<Cipher> {
  cipher: Cipher;
  /** Milliseconds since the epoch. */
  endsAt: number;
}

export interface Ciphers<Cipher> {
  find(clientId: string, now: number): Cipher | undefined;
  put(clientId: string, known: KnownCipher<Cipher>): void;
  remove(clientId: string): void;
}

/** At most `limit`; drops the one that was unused the longest. */
export function createCiphers<Cipher>(limit: number): Ciphers<Cipher> {
  // A Map iterates in the order of insertion.
  const ciphers = new Map<string, KnownCipher<Cipher>>();

  function put(clientId: string, known: KnownCipher<Cipher>): void {
    ciphers.delete(clientId);
    for (const oldest of ciphers.keys()) {
      if (ciphers.size < limit) break;
      ciphers.delete(oldest);
    }
    ciphers.set(clientId, known);
  }

  return {
    find(clientId, now) {
      const known = ciphers.get(clientId);
      if (known === undefined) return undefined;
      if (known.endsAt > now) put(clientId, known);
      else ciphers.delete(clientId);
      return known.endsAt > now ? known.cipher : undefined;
    },
    put,
    remove(clientId) {
      ciphers.delete(clientId);
    },
  };
}
