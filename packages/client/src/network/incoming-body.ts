// The body of an answer as it comes from undici: held until someone reads it, as a whole or as a stream of Node.
// What nobody reads is held up to a limit, and then the connection waits.
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { ClientError } from '../errors.ts';

const HELD_BYTES = 64 * 1024;

/** What reads a body. */
interface Reader {
  /** False: send no more until `wantsMore`. */
  take(chunk: Buffer): boolean;
  end(): void;
  fail(error: unknown): void;
}

/** Learns that no more comes. */
export interface Watcher {
  end(): void;
}

/** A body. It is read once. */
export class IncomingBody {
  readonly #controller: Dispatcher.DispatchController;
  #chunks: Buffer[] = [];
  #held = 0;
  #ended = false;
  #failed = false;
  #error: unknown;
  #reader: Reader | undefined;
  #watcher: Watcher | undefined;

  constructor(controller: Dispatcher.DispatchController) {
    this.#controller = controller;
  }

  /** Whether no more comes. */
  get closed(): boolean {
    return this.#ended || this.#failed;
  }

  watch(watcher: Watcher): void {
    if (this.closed) watcher.end();
    else this.#watcher = watcher;
  }

  receive(chunk: Buffer): void {
    if (this.#reader !== undefined) {
      if (!this.#reader.take(chunk)) this.#controller.pause();
      return;
    }
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#held > HELD_BYTES) this.#controller.pause();
  }

  end(): void {
    if (this.closed) return;
    this.#ended = true;
    this.#reader?.end();
    this.#watcher?.end();
  }

  fail(error: unknown): void {
    if (this.closed) return;
    this.#failed = true;
    this.#error = error;
    this.#reader?.fail(error);
    this.#watcher?.end();
  }

  /** Ends the connection, if more would come. */
  abort(reason: unknown): void {
    if (this.closed) return;
    this.fail(reason);
    this.#controller.abort(reason as Error);
  }

  /** All octets, up to the limit. */
  collect(limit: number): Buffer | Promise<Buffer> {
    if (this.#ended && this.#held <= limit) return joined(this.#chunks, this.#held);
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      this.#attach({
        take: (chunk) => {
          size += chunk.length;
          if (size > limit) this.#refuse(tooLarge(limit), reject);
          else chunks.push(chunk);
          return true;
        },
        end: () => resolve(joined(chunks, size)),
        fail: reject,
      });
    });
  }

  /** The body as a stream of Node. */
  readable(): Readable {
    const readable = new Readable({
      read: () => this.#controller.resume(),
      destroy: (error, callback) => {
        this.abort(error ?? abandoned());
        callback(error);
      },
    });
    this.#attach({
      take: (chunk) => readable.push(chunk),
      end: () => readable.push(null),
      fail: (error) => readable.destroy(error as Error),
    });
    return readable;
  }

  /** Reads the rest if it is short, so that the connection can be used again, and ends the connection otherwise. */
  discard(limit: number): Promise<void> {
    return new Promise((resolve) => {
      let size = 0;
      this.#attach({
        take: (chunk) => {
          size += chunk.length;
          if (size > limit) this.#refuse(abandoned(), () => resolve());
          return true;
        },
        end: resolve,
        fail: () => resolve(),
      });
    });
  }

  #attach(reader: Reader): void {
    this.#reader = reader;
    const chunks = this.#chunks;
    this.#chunks = [];
    for (const chunk of chunks) if (!this.#failed) reader.take(chunk);
    if (this.#failed) reader.fail(this.#error);
    else if (this.#ended) reader.end();
    else this.#controller.resume();
  }

  #refuse(error: ClientError, settle: (error: ClientError) => void): void {
    settle(error);
    this.abort(error);
    this.#failed = true;
  }
}

function joined(chunks: readonly Buffer[], size: number): Buffer {
  return chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size);
}

function tooLarge(limit: number): ClientError {
  const message = `the answer has more than ${limit} octets: read it as a stream, or raise limits.bodyBytes`;
  return new ClientError('limit', message);
}

function abandoned(): ClientError {
  return new ClientError('aborted', 'the answer was not read to its end');
}
