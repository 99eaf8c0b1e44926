// A request in progress: a promise of the Response, with methods that read it. They check the status first.
import type { Readable } from 'node:stream';
import type { Failure } from './errors.ts';
import { readEvents, type ServerSentEvent } from './event-stream.ts';
import { jsonOf } from './json.ts';
import { readJsonLines } from './json-lines.ts';
import { pipeTo, readableOf } from './lazy-response.ts';
import { ResponsePromise, statusError } from './response-promise.ts';

/** What a pending response needs of its client. */
export interface ReadingTools {
  failure(): Failure;
  typed(error: unknown): unknown;
}

/**
 * A promise of the Response. Its own methods reject with `HttpError` if the status is 4xx or 5xx.
 * @example
 * const pending: PendingResponse = client().get(url);
 * const note = await pending.json<Note>();
 */
export class PendingResponse extends ResponsePromise {
  readonly #tools: ReadingTools;

  constructor(response: Promise<Response>, tools: ReadingTools) {
    super(response);
    this.#tools = tools;
  }

  /** The content as JSON. Rejects with `ConnectError` for anything else. */
  async json<T = unknown>(): Promise<T> {
    const response = await this.accepted();
    const text = await response.text();
    try {
      return jsonOf(text, response) as T;
    } catch (error) {
      throw this.#tools.typed(error);
    }
  }

  /** The content as text in UTF-8. */
  async text(): Promise<string> {
    return (await this.accepted()).text();
  }

  /** The content as octets. */
  async bytes(): Promise<Uint8Array> {
    return (await this.accepted()).bytes();
  }

  /** The content as a stream. It has a time limit for each pause, but none for the whole. */
  async stream(): Promise<Readable> {
    return readableOf(await this.accepted());
  }

  /**
   * Calls `take` for each piece, for hashes and parsers. This is the fastest way to read large content. A
   * piece is valid only during the call, because its memory is used again. If `take` throws, the connection
   * ends.
   */
  async each(take: (piece: Uint8Array) => void): Promise<void> {
    const sink = {
      take(piece: Buffer) {
        take(piece);
        return true;
      },
      end: async () => {},
    };
    await pipeTo(await this.accepted(), sink);
  }

  /** The events of a text/event-stream. */
  sse(): AsyncGenerator<ServerSentEvent> {
    return this.#items(readEvents);
  }

  /** The lines of an application/x-ndjson, as JSON. */
  ndjson<T = unknown>(): AsyncGenerator<T> {
    return this.#items(readJsonLines<T>);
  }

  /** The Response, unless its status is 4xx or 5xx and none of `also`. */
  async accepted(also: readonly number[] = []): Promise<Response> {
    const response = await this.response;
    if (response.status < 400 || also.includes(response.status)) return response;
    throw statusError(response, await response.text(), this.#tools.failure());
  }

  /** A loop that begins later gets the error. Without this, it would end the process. */
  #items<T>(read: (stream: AsyncIterable<Uint8Array>) => AsyncIterable<T>): AsyncGenerator<T> {
    this.response.catch(() => {});
    return this.#read(read);
  }

  async *#read<T>(read: (stream: AsyncIterable<Uint8Array>) => AsyncIterable<T>): AsyncGenerator<T> {
    const stream = await this.stream();
    try {
      yield* read(stream);
    } catch (error) {
      throw this.#tools.typed(error);
    }
  }
}
