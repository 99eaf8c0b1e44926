// The whole answer of an upstream to a message, up to a limit.
import { GatehouseError } from '@gatehouse/access';
import type { UpstreamAnswer, UpstreamEvents } from '../upstream/call.ts';

export class CollectedAnswer implements UpstreamEvents {
  /** Rejects when the upstream fails, or answers too much. */
  readonly whole: Promise<{ content: Uint8Array; status: number }>;
  isComplete = false;
  readonly #settle: PromiseWithResolvers<{ content: Uint8Array; status: number }>;
  readonly #maxBytes: number;
  readonly #chunks: Uint8Array[] = [];
  #length = 0;
  #status = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#settle = Promise.withResolvers();
    this.whole = this.#settle.promise;
  }

  answerInformation(): void {}

  answerHead({ status }: UpstreamAnswer): void {
    this.#status = status;
  }

  answerBody(octets: Uint8Array): void {
    this.#length += octets.length;
    if (this.#length <= this.#maxBytes) this.#chunks.push(Uint8Array.from(octets));
    else this.#settle.reject(tooLong(this.#maxBytes));
  }

  answerComplete(): void {
    this.isComplete = true;
    this.#settle.resolve({ content: Buffer.concat(this.#chunks), status: this.#status });
  }

  answerFlush(): void {}

  answerFailed(error: Error): void {
    this.isComplete = true;
    this.#settle.reject(error);
  }

  requestDrained(): void {}
}

function tooLong(maxBytes: number): GatehouseError {
  const cause = new Error(`the answer to a message has more than ${maxBytes} bytes`);
  return new GatehouseError('upstream_failed', 'The upstream failed.', { cause });
}
