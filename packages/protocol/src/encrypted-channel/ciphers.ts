// The ciphers of the sessions that were used last. One that was dropped can be computed again.

export interface Ciphers<Cipher> {
  find(clientId: string): Cipher | undefined;
  put(clientId: string, cipher: Cipher): void;
  remove(clientId: string): void;
}

/** At most `limit`; drops the one that was unused the longest. */
export function createCiphers<Cipher>(limit: number): Ciphers<Cipher> {
  // A Map iterates in the order of insertion.
  const known = new Map<string, Cipher>();

  function put(clientId: string, cipher: Cipher): void {
    known.delete(clientId);
    for (const oldest of known.keys()) {
      if (known.size < limit) break;
      known.delete(oldest);
    }
    known.set(clientId, cipher);
  }

  return {
    find(clientId) {
      const cipher = known.get(clientId);
      if (cipher !== undefined) put(clientId, cipher);
      return cipher;
    },
    put,
    remove(clientId) {
      known.delete(clientId);
    },
  };
}
