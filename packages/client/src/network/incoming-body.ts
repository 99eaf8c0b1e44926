// The body of an answer as it comes from undici. It is read whole or as a stream of Node. Until then it is
// held up to a limit, after which the connection waits.
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { ClientError } from '../errors.ts';

const HELD_BYTES = 64 * 1024;

/** The reader of a body. */
interface Reader {
  /** False: send no more until `wantsMore`. */
  take(chunk: Buffer): boolean;
  end(): void;
  fail(error: unknown): void;
}

/** Called when no more octets arrive. */
export interface Watcher {
  end(): void;
}

/** Gets the octets too, beside the reader. A chunk is valid only during the call. */
export interface Tap {
  take(chunk: Buffer): void;
  end(): void;
  fail(): void;
}

/** A body on its way to a `Reader`. */
export interface Piping {
  ended: Promise<void>;
  resume(): void;
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
  #tap: Tap | undefined;

  constructor(controller: Dispatcher.DispatchController) {
    this.#controller = controller;
  }

  /** A body that is in memory already. */
  static of(octets: Uint8Array): IncomingBody {
    const body = new IncomingBody(NO_CONNECTION);
    if (octets.length > 0) body.#chunks.push(Buffer.from(octets.buffer, octets.byteOffset, octets.length));
    body.#held = octets.length;
    body.#ended = true;
    return body;
  }

  /** How much is received without a reader. */
  get heldBytes(): number {
    return HELD_BYTES;
  }

  /** Gives all octets to `tap` too, from the first one on. Call it before the body is read. */
  tap(tap: Tap): void {
    for (const chunk of this.#chunks) tap.take(chunk);
    if (this.#ended) tap.end();
    else if (this.#failed) tap.fail();
    else this.#tap = tap;
  }

  /** Whether the body has ended. */
  get closed(): boolean {
    return this.#ended || this.#failed;
  }

  watch(watcher: Watcher): void {
    if (this.closed) watcher.end();
    else this.#watcher = watcher;
  }

  /** `chunk` is valid only during the call. */
  receive(chunk: Buffer): void {
    this.#tap?.take(chunk);
    if (this.#reader !== undefined) {
      if (!this.#reader.take(chunk)) this.#controller.pause();
      return;
    }
    this.#chunks.push(Buffer.from(chunk));
    this.#held += chunk.length;
    if (this.#held > HELD_BYTES) this.#controller.pause();
  }

  end(): void {
    if (this.closed) return;
    this.#ended = true;
    this.#tap?.end();
    this.#reader?.end();
    this.#watcher?.end();
  }

  fail(error: unknown): void {
    if (this.closed) return;
    this.#failed = true;
    this.#error = error;
    this.#tap?.fail();
    this.#reader?.fail(error);
    this.#watcher?.end();
  }

  /** Ends the connection, unless the body is complete. */
  abort(reason: unknown): void {
    if (this.closed) return;
    this.fail(reason);
    this.#controller.abort(reason as Error);
  }

  /** All octets, up to the limit. `expected` is their number, if it is known. */
  collect(limit: number, expected = 0): Buffer | Promise<Buffer> {
    if (this.#ended && this.#held <= limit) return joined(this.#chunks, this.#held);
    return new Promise((resolve, reject) => {
      const octets = createOctets(Math.min(expected, limit));
      this.#attach({
        take: (chunk) => {
          if (octets.size + chunk.length > limit) this.#refuse(tooLarge(limit), reject);
          else octets.append(chunk);
          return true;
        },
        end: () => resolve(octets.all()),
        fail: reject,
      });
    });
  }

  /**
   * Passes each piece to `take`, which copies the octets it needs later. It returns false to wait until
   * `resume`.
   */
  pipe(take: (chunk: Buffer) => boolean): Piping {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    try {
      this.#attach({ take, end: resolve, fail: reject });
    } catch (error) {
      reject(error); // of `take`, for a piece from before
      this.abort(error);
    }
    return { ended: promise, resume: () => this.#controller.resume() };
  }

  /** The body as a stream of Node. `typed` turns an error of the network into one for the caller. */
  readable(typed: (error: unknown) => unknown = (error) => error): Readable {
    const readable = new Readable({
      read: () => this.#controller.resume(),
      destroy: (error, callback) => {
        this.abort(error ?? abandoned());
        callback(error);
      },
    });
    const copy = createCopier();
    this.#attach({
      take: (chunk) => readable.push(copy(chunk)),
      end: () => readable.push(null),
      fail: (error) => readable.destroy(typed(error) as Error),
    });
    return readable;
  }

  /**
   * Reads the rest if it is short, so that the connection can be used again, and ends the connection
   * otherwise.
   */
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

const FIRST_BYTES = 64 * 1024;
const MOST_FIRST_BYTES = 1024 ** 2;

/**
 * Collects octets in one growing buffer. A server can claim any length, so this is not the size of the
 * buffer.
 */
function createOctets(expected: number) {
  let buffer = Buffer.allocUnsafeSlow(Math.min(expected || FIRST_BYTES, MOST_FIRST_BYTES));
  let size = 0;
  return {
    get size() {
      return size;
    },
    append(chunk: Buffer) {
      if (size + chunk.length > buffer.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(size + chunk.length, buffer.length * 2));
        larger.set(buffer.subarray(0, size));
        buffer = larger;
      }
      buffer.set(chunk, size);
      size += chunk.length;
    },
    all: () => buffer.subarray(0, size),
  };
}

const SLAB_BYTES = 256 * 1024;
const SMALL_BYTES = 4096;

/** Copies pieces into a few large buffers, which cost the garbage collector less than many small ones. */
function createCopier(): (chunk: Buffer) => Buffer {
  let slab = Buffer.alloc(0);
  return (chunk) => {
    if (chunk.length < SMALL_BYTES) return Buffer.from(chunk);
    if (chunk.length > slab.length) slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, chunk.length));
    slab.set(chunk);
    const copied = slab.subarray(0, chunk.length);
    slab = slab.subarray(chunk.length);
    return copied;
  };
}

const NO_CONNECTION = {
  pause() {},
  resume() {},
  abort() {},
} as unknown as Dispatcher.DispatchController;

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
