// A request in progress in a browser: a promise of the Response, with methods that read it up to a limit.
import { ClientError } from '../errors.ts';
import type { Failure } from '../http/errors.ts';
import { readEvents, type ServerSentEvent } from '../http/event-stream.ts';
import { jsonOf } from '../http/json.ts';
import { readJsonLines } from '../http/json-lines.ts';
import { piecesOf } from '../http/pieces.ts';
import type { OnProgress } from '../http/progress.ts';
import { ResponsePromise, statusError } from '../http/response-promise.ts';

/** What a pending response needs of its client. */
export interface BrowserReading {
  bodyBytes: number;
  failure(): Failure;
  typed(error: unknown): unknown;
  /** The content is read as a stream: the time limit for the whole request ends. */
  streaming(): void;
  over(): void;
  onProgress: OnProgress | undefined;
}

/**
 * A promise of the Response. Its own methods reject with `HttpError` if the status is 4xx or 5xx.
 * @example
 * const note = await client().get('/notes/1').json<Note>();
 */
export class BrowserPendingResponse extends ResponsePromise {
  readonly #reading: BrowserReading;

  constructor(response: Promise<Response>, reading: BrowserReading) {
    super(response);
    this.#reading = reading;
  }

  async json<T = unknown>(): Promise<T> {
    const response = await this.accepted();
    const text = new TextDecoder().decode(await this.#collect(response));
    try {
      return jsonOf(text, response) as T;
    } catch (error) {
      throw this.#reading.typed(error);
    }
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#collect(await this.accepted());
  }

  /** The content as a stream of the browser, without a limit for the whole size. */
  async stream(): Promise<ReadableStream<Uint8Array>> {
    const response = await this.accepted();
    this.#reading.streaming();
    const { onProgress } = this.#reading;
    const body = response.body ?? new ReadableStream({ start: (controller) => controller.close() });
    return onProgress === undefined ? body : body.pipeThrough(counting(response, onProgress));
  }

  /** Calls `take` for each piece as it comes. If it throws, the request ends. */
  async each(take: (piece: Uint8Array) => void): Promise<void> {
    try {
      for await (const piece of piecesOf(await this.stream())) take(piece);
    } catch (error) {
      throw this.#reading.typed(error);
    } finally {
      this.#reading.over();
    }
  }

  /** The events of a text/event-stream. */
  sse(): AsyncGenerator<ServerSentEvent> {
    return this.#items(readEvents);
  }

  /** The lines of an application/x-ndjson, as JSON. */
  ndjson<T = unknown>(): AsyncGenerator<T> {
    return this.#items(readJsonLines<T>);
  }

  #items<T>(read: (stream: AsyncIterable<Uint8Array>) => AsyncIterable<T>): AsyncGenerator<T> {
    this.response.catch(() => {}); // the loop reports it, even if it begins later
    return this.#read(read);
  }

  async *#read<T>(read: (stream: AsyncIterable<Uint8Array>) => AsyncIterable<T>): AsyncGenerator<T> {
    const stream = await this.stream();
    try {
      yield* read(piecesOf(stream));
    } catch (error) {
      throw this.#reading.typed(error);
    }
  }

  /** The Response, unless its status is 4xx or 5xx and none of `also`. */
  async accepted(also: readonly number[] = []): Promise<Response> {
    const response = await this.response;
    if (response.status < 400 || also.includes(response.status)) return response;
    const content = new TextDecoder().decode(await this.#collect(response));
    throw statusError(response, content, this.#reading.failure());
  }

  async #collect(response: Response): Promise<Uint8Array<ArrayBuffer>> {
    const { bodyBytes, typed, over, onProgress } = this.#reading;
    const count = onProgress && counter(response, onProgress);
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    try {
      for await (const chunk of piecesOf(response.body)) {
        size += chunk.length;
        count?.(chunk);
        if (size > bodyBytes) throw tooLarge(bodyBytes);
        chunks.push(chunk as Uint8Array<ArrayBuffer>);
      }
      return new Uint8Array(await new Blob(chunks).arrayBuffer());
    } catch (error) {
      throw typed(error);
    } finally {
      over();
    }
  }
}

function tooLarge(limit: number): ClientError {
  const message = `the answer has more than ${limit} octets: read it as a stream, or raise limits.bodyBytes`;
  return new ClientError('limit', message);
}

/** The received octets, for `onProgress`. The length is known if the content is not compressed. */
function counter({ headers }: Response, onProgress: OnProgress): (piece: Uint8Array) => void {
  const length = headers.has('content-encoding') ? null : headers.get('content-length');
  const total = length === null ? undefined : Number(length);
  let bytes = 0;
  return (piece) => {
    bytes += piece.length;
    onProgress({ direction: 'down', bytes, total });
  };
}

function counting(
  response: Response,
  onProgress: OnProgress,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const count = counter(response, onProgress);
  return new TransformStream({
    transform(piece, controller) {
      count(piece);
      controller.enqueue(piece);
    },
  });
}
