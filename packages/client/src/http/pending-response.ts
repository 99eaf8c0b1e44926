// A request on its way: a promise of the Response that also reads it. Reading checks the status first.
import type { Readable } from 'node:stream';
import { type Failure, HttpError } from './errors.ts';
import { readEvents, type ServerSentEvent } from './event-stream.ts';
import { readJsonLines } from './json-lines.ts';
import { pipeTo, readableOf } from './lazy-response.ts';
import { problemOf } from './problem.ts';

const ERROR_BODY_CHARACTERS = 65_536;

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
export class PendingResponse implements Promise<Response> {
  readonly [Symbol.toStringTag] = 'PendingResponse';
  readonly #response: Promise<Response>;
  readonly #tools: ReadingTools;

  constructor(response: Promise<Response>, tools: ReadingTools) {
    this.#response = response;
    this.#tools = tools;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  then<A = Response, B = never>(
    done?: ((value: Response) => A | PromiseLike<A>) | null,
    failed?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#response.then(done, failed);
  }

  catch<B = never>(failed?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<Response | B> {
    return this.#response.catch(failed);
  }

  finally(settled?: (() => void) | null): Promise<Response> {
    return this.#response.finally(settled);
  }

  /** The content as JSON. */
  async json<T = unknown>(): Promise<T> {
    return (await this.accepted()).json() as Promise<T>;
  }

  /** The content as text in UTF-8. */
  async text(): Promise<string> {
    return (await this.accepted()).text();
  }

  /** The content as octets. */
  async bytes(): Promise<Uint8Array> {
    return (await this.accepted()).bytes();
  }

  /** The content as a stream. It has no limit for the whole, only one for each pause. */
  async stream(): Promise<Readable> {
    return readableOf(await this.accepted());
  }

  /**
   * Calls `take` for each piece as it comes, for hashes and parsers. The fastest way to read a large content:
   * a piece is valid only during the call, because its memory is used again. If `take` throws, the connection
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
  async *sse(): AsyncGenerator<ServerSentEvent> {
    yield* this.#typed(readEvents(await this.stream()));
  }

  /** The lines of an application/x-ndjson, as JSON. */
  async *ndjson<T = unknown>(): AsyncGenerator<T> {
    yield* this.#typed(readJsonLines<T>(await this.stream()));
  }

  /** The Response, unless its status is 4xx or 5xx and none of `also`. */
  async accepted(also: readonly number[] = []): Promise<Response> {
    const response = await this.#response;
    if (response.status < 400 || also.includes(response.status)) return response;
    const body = (await response.text()).slice(0, ERROR_BODY_CHARACTERS);
    const problem = problemOf(response, body);
    const status = `${response.status} ${response.statusText}`.trimEnd();
    const detail = typeof problem?.detail === 'string' ? `: ${problem.detail}` : '';
    const message = `${new URL(response.url).origin} answered ${status}${detail}`;
    throw new HttpError(message, this.#tools.failure(), { status: response.status, problem, body });
  }

  async *#typed<T>(items: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* items;
    } catch (error) {
      throw this.#tools.typed(error);
    }
  }
}
