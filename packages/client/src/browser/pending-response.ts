// A request on its way in a browser: a promise of the Response that also reads it, up to a limit.
import { ClientError } from '../errors.ts';
import type { Failure } from '../http/errors.ts';
import { readEvents, type ServerSentEvent } from '../http/event-stream.ts';
import { readJsonLines } from '../http/json-lines.ts';
import { ResponsePromise, statusError } from '../http/response-promise.ts';

/** What a pending response needs of its client. */
export interface BrowserReading {
  bodyBytes: number;
  failure(): Failure;
  typed(error: unknown): unknown;
  /** The content is read as a stream: the limit of time for the whole does not count any more. */
  streaming(): void;
  over(): void;
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
    return JSON.parse(await this.text());
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.bytes());
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#collect(await this.#accepted());
  }

  /** The content as a stream of the browser. It has no limit for the whole. */
  async stream(): Promise<ReadableStream<Uint8Array>> {
    const { body } = await this.#accepted();
    this.#reading.streaming();
    return body ?? new ReadableStream({ start: (controller) => controller.close() });
  }

  /** The events of a text/event-stream. */
  async *sse(): AsyncGenerator<ServerSentEvent> {
    yield* readEvents(piecesOf(await this.stream()));
  }

  /** The lines of an application/x-ndjson, as JSON. */
  async *ndjson<T = unknown>(): AsyncGenerator<T> {
    yield* readJsonLines<T>(piecesOf(await this.stream()));
  }

  async #accepted(): Promise<Response> {
    const response = await this.response;
    if (response.status < 400) return response;
    const content = new TextDecoder().decode(await this.#collect(response));
    throw statusError(response, content, this.#reading.failure());
  }

  async #collect({ body }: Response): Promise<Uint8Array<ArrayBuffer>> {
    const { bodyBytes, typed, over } = this.#reading;
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let size = 0;
    try {
      for await (const chunk of piecesOf(body)) {
        size += chunk.length;
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

/** Not every browser can loop over a stream. */
async function* piecesOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body === null) return;
  const reader = body.getReader();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    await reader.cancel();
  }
}

function tooLarge(limit: number): ClientError {
  const message = `the answer has more than ${limit} octets: read it as a stream, or raise limits.bodyBytes`;
  return new ClientError('limit', message);
}
