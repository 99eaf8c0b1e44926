// The ciphers of the sessions that were used last. One that was dropped can be computed again, while its
// offer lives. Those of sessions that have ended are dropped when others come.
import { createQueue } from './queue.ts';

export interface KnownCipher<Cipher> {
  cipher: Cipher;
  /** Milliseconds since the epoch. */
  endsAt: number;
  /** If it ends so long after its last use instead. */
  idleMs?: number | undefined;
}

export interface Ciphers<Cipher> {
  find(clientId: string, now: number): Cipher | undefined;
  put(clientId: string, known: KnownCipher<Cipher>, now: number): void;
  remove(clientId: string): void;
}

// To move an entry of a map costs more than to find it.
const MOVE_AFTER_MS = 10_000;

/** At most `limit`; drops one that was unused for long. */
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
