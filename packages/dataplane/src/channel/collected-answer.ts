// The whole answer of an upstream to a message, up to a limit.
import { GatehouseError } from '@gatehouse/access';
import { CollectedBytes } from '@gatehouse/protocol';
import type { UpstreamAnswer, UpstreamEvents } from '../upstream/call.ts';
import type { Buffers } from './buffers.ts';

export class CollectedAnswer implements UpstreamEvents {
  /** Rejects if the upstream fails, or if its answer is too large. */
  readonly whole: Promise<{ content: Uint8Array; status: number }>;
  isComplete = false;
  readonly #settle: PromiseWithResolvers<{ content: Uint8Array; status: number }>;
  readonly #maxBytes: number;
  readonly #buffers: Buffers;
  #taken = 0;
  readonly #collected = new CollectedBytes();
  #status = 0;

  constructor(maxBytes: number, buffers: Buffers) {
    this.#maxBytes = maxBytes;
    this.#buffers = buffers;
    this.#settle = Promise.withResolvers();
    this.whole = this.#settle.promise;
  }

  answerInformation(): void {}

  answerHead({ status }: UpstreamAnswer): void {
    this.#status = status;
  }

  answerBody(octets: Uint8Array): void {
    try {
      if (this.#collected.length + octets.length > this.#maxBytes) throw tooLong(this.#maxBytes);
      this.#buffers.take(octets.length);
      this.#taken += octets.length;
      this.#collected.add(octets);
    } catch (error) {
      this.#settle.reject(error);
    }
  }

  answerComplete(): void {
    this.isComplete = true;
    this.#settle.resolve({ content: this.#collected.take(), status: this.#status });
  }

  answerFlush(): void {}

  answerFailed(error: Error): void {
    this.isComplete = true;
    this.#settle.reject(error);
  }

  requestDrained(): void {}

  /** Releases its memory. */
  release(): void {
    this.#buffers.release(this.#taken);
    this.#taken = 0;
  }
}

function tooLong(maxBytes: number): GatehouseError {
  const cause = new Error(`the answer to a message has more than ${maxBytes} bytes`);
  return new GatehouseError('upstream_failed', 'The upstream failed.', { cause });
}
