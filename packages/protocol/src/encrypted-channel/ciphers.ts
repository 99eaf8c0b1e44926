// The ciphers of the most recent sessions. A dropped cipher can be computed again while its offer is valid.
// Ciphers of ended sessions are dropped when new ones are added.
import { createQueue } from './queue.ts';

export interface KnownCipher<Cipher> {
  cipher: Cipher;
  /** Milliseconds since the epoch. */
  endsAt: number;
  /** If set, the cipher expires this long after its last use. */
  idleMs?: number | undefined;
}

export interface Ciphers<Cipher> {
  find(clientId: string, now: number): Cipher | undefined;
  put(clientId: string, known: KnownCipher<Cipher>, now: number): void;
  remove(clientId: string): void;
}

// Moving an entry of a map costs more than finding it.
const MOVE_AFTER_MS = 10_000;

/** At most `limit`; drops one that was not used for a long time. */
export function createCiphers<Cipher>(limit: number): Ciphers<Cipher> {
  const ciphers = createQueue<string, KnownCipher<Cipher> & { movedAt: number }>();

  function put(clientId: string, known: KnownCipher<Cipher>, now: number): void {
    ciphers.delete(clientId);
    let oldest = ciphers.oldest();
    while (oldest && (ciphers.size >= limit || oldest[1].endsAt <= now)) {
      ciphers.delete(oldest[0]);
      oldest = ciphers.oldest();
    }
    const { cipher, endsAt, idleMs } = known;
    ciphers.put(clientId, { cipher, endsAt, idleMs, movedAt: now });
  }

  return {
    find(clientId, now) {
      const known = ciphers.get(clientId);
      if (known === undefined || known.endsAt <= now) return undefined;
      if (known.idleMs !== undefined) known.endsAt = now + known.idleMs;
      if (now - known.movedAt >= MOVE_AFTER_MS) put(clientId, known, now);
      return known.cipher;
    },
    put,
    remove: (clientId) => ciphers.delete(clientId),
  };
}
