// The log of TLS handshakes: the newest records of the gateway and of the control listener, in memory. If it
// is full, the oldest are removed.
import { once } from 'node:events';
import type { HandshakeFacts } from '@gatehouse/dataplane';

export interface LoggedHandshake extends HandshakeFacts {
  /** From 1, without a gap. */
  seq: number;
  listener: 'gateway' | 'control';
}

export interface HandshakeLog {
  record(listener: LoggedHandshake['listener'], handshakes: readonly HandshakeFacts[]): void;
  /** The newest records, the oldest of them first. */
  latest(limit: number): LoggedHandshake[];
  /** The records after `seq` that are still in memory, the oldest first. */
  after(seq: number, limit: number): LoggedHandshake[];
  /**
   * The records after `seq`, and then each new one, until the signal aborts. A slow reader misses removed
   * records.
   */
  follow(seq: number, signal: AbortSignal): AsyncGenerator<LoggedHandshake>;
}

const CAPACITY = 10_000;
const PAGE = 1000;

export function createHandshakeLog(capacity = CAPACITY): HandshakeLog {
  const ring: LoggedHandshake[] = [];
  const news = new EventTarget();
  let last = 0;

  function after(seq: number, limit: number): LoggedHandshake[] {
    const first = Math.max(seq, last - ring.length) + 1;
    const count = Math.max(0, Math.min(limit, last - first + 1));
    return Array.from(
      { length: count },
      (_, index) => ring[(first + index - 1) % capacity] as LoggedHandshake,
    );
  }

  return {
    record(listener, handshakes) {
      for (const handshake of handshakes) {
        last += 1;
        ring[(last - 1) % capacity] = { seq: last, listener, ...handshake };
      }
      if (handshakes.length > 0) news.dispatchEvent(new Event('more'));
    },
    latest: (limit) => after(last - limit, limit),
    after,
    async *follow(seq, signal) {
      for (let reached = seq; !signal.aborted; ) {
        const page = after(reached, PAGE);
        yield* page;
        reached = page.at(-1)?.seq ?? reached;
        if (reached < last) continue;
        await once(news, 'more', { signal }).catch(ignoreAbort);
      }
    },
  };
}

/** The reader has left, which ends the loop. */
function ignoreAbort(error: Error): void {
  if (error.name !== 'AbortError') throw error;
}
