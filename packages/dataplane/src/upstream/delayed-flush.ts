// If an upstream has closed the connection, a write fails, and its early answer is lost. So parts of a body
// are sent only after all received octets were read.
import type { Outbox } from '../http1/outbox.ts';

/** How much of a body is collected in one turn before the client is paused. */
const MAX_DUE_BYTES = 64 * 1024;

export class DelayedFlush {
  readonly #outbox: Outbox;
  readonly #flush: () => void;
  #isDue = false;

  constructor(outbox: Outbox, flush: () => void) {
    this.#outbox = outbox;
    this.#flush = flush;
  }

  /** Calls `flush` after this turn. Returns false if enough was collected. */
  request(): boolean {
    const waiting = this.#outbox.keep();
    if (!this.#isDue) setImmediate(this.#due);
    this.#isDue = true;
    return waiting < MAX_DUE_BYTES;
  }

  readonly #due = (): void => {
    this.#isDue = false;
    this.#flush();
  };
}
