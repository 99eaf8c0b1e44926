// A Response that makes its headers and its streams only when they are read, over a body of undici. It is an
// instance of the global Response, so that libraries for `fetch` accept it.
import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { ClientError } from '../errors.ts';
import { decompress } from './decompress.ts';
import type { Limits } from './limits.ts';

export interface LazyParts {
  status: number;
  statusText: string;
  /** Names in lower case. */
  fields: Readonly<Record<string, string | string[] | undefined>>;
  /** Of undici: `dump` reads the rest, so that the connection can be used again. */
  body: Readable & { dump?(options: { limit: number }): Promise<void> };
  url: URL;
  redirected: boolean;
  limits: Required<Limits>;
  decompress: boolean;
  /** Makes a typed error of what the network reports. */
  typed(error: unknown): unknown;
}

const NO_CONTENT = new Set([101, 204, 205, 304]);
const DISCARDED_BYTES = 128 * 1024;

export class LazyResponse {
  readonly #parts: LazyParts;
  #headers: Headers | undefined;
  #stream: ReadableStream<Uint8Array> | null | undefined;
  #used = false;
  #streaming = () => {};

  constructor(parts: LazyParts) {
    this.#parts = parts;
    parts.body.on('error', () => {}); // an error is reported to the reader, if there is one
  }

  /** Calls `streaming` when the body is read as a stream, and `over` when no more comes. */
  observe({ streaming, over }: { streaming(): void; over(): void }): void {
    this.#streaming = streaming;
    if (this.#parts.body.closed) over();
    else this.#parts.body.once('close', over);
  }

  get status(): number {
    return this.#parts.status;
  }

  get statusText(): string {
    return this.#parts.statusText;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get url(): string {
    return this.#parts.url.href.replace(/#.*$/, '');
  }

  get redirected(): boolean {
    return this.#parts.redirected;
  }

  get type(): 'basic' {
    return 'basic';
  }

  get headers(): Headers {
    this.#headers ??= headersOf(this.#parts.fields);
    return this.#headers;
  }

  /** The values of Set-Cookie, without making the other headers. */
  get setCookies(): string[] {
    return [this.#parts.fields['set-cookie'] ?? []].flat();
  }

  get bodyUsed(): boolean {
    return this.#used;
  }

  get body(): ReadableStream<Uint8Array> | null {
    if (this.#stream !== undefined) return this.#stream;
    if (NO_CONTENT.has(this.status)) {
      this.#parts.body.resume();
      this.#stream = null;
    } else this.#stream = toWeb(this.readable(), () => this.#markUsed());
    return this.#stream;
  }

  /** The body as a stream of Node, once. */
  readable(): Readable {
    if (this.#used || this.#stream !== undefined) throw new TypeError('the body has been read already');
    this.#streaming();
    return this.#open();
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.#collect());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  async text(): Promise<string> {
    return new TextDecoder().decode(await this.#collect());
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }

  async blob(): Promise<Blob> {
    return new Blob([await this.bytes()], { type: this.headers.get('content-type') ?? '' });
  }

  async formData(): Promise<FormData> {
    return new Response(await this.bytes(), { headers: this.headers }).formData();
  }

  clone(): Response {
    if (this.#used) throw new TypeError('the body has been read already');
    const [one, other] = this.body?.tee() ?? [null, null];
    this.#stream = one;
    const init = { status: this.status, statusText: this.statusText, headers: this.headers };
    return new Response(other as BodyInit | null, init);
  }

  /** The octets as they were sent, with a response that has them in memory. */
  async hold(): Promise<{ octets: Uint8Array; response: Response }> {
    if (this.#used || this.#stream !== undefined) throw new TypeError('the body has been read already');
    this.#used = true;
    const { body, limits, typed } = this.#parts;
    try {
      const octets = await collect(body, limits.bodyBytes);
      const again = Readable.from(octets.length === 0 ? [] : [octets]);
      return { octets, response: lazyResponse({ ...this.#parts, body: again }) };
    } catch (error) {
      throw typed(error);
    }
  }

  /** Reads the rest of a small body, or ends the connection, so that it does not stay in use. */
  async discard(): Promise<void> {
    this.#used = true;
    const { body } = this.#parts;
    if (body.dump === undefined) body.destroy();
    else await body.dump({ limit: DISCARDED_BYTES }).catch(() => {});
  }

  #open(): Readable {
    const { body, fields, limits } = this.#parts;
    const encoding = this.#parts.decompress ? fields['content-encoding'] : undefined;
    try {
      return encoding === undefined ? body : decompress(body, String(encoding), limits);
    } catch (error) {
      throw this.#parts.typed(error);
    }
  }

  #markUsed(): void {
    this.#used = true;
  }

  async #collect(): Promise<Buffer> {
    if (this.#stream) return this.#collectStream(this.#stream);
    if (this.#used) throw new TypeError('the body has been read already');
    if (NO_CONTENT.has(this.status)) return Buffer.alloc(0);
    const readable = this.#open();
    this.#used = true;
    try {
      return await collect(readable, this.#parts.limits.bodyBytes);
    } catch (error) {
      throw this.#parts.typed(error);
    }
  }

  async #collectStream(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
    if (stream.locked || this.#used) throw new TypeError('the body has been read already');
    return collect(Readable.fromWeb(stream), this.#parts.limits.bodyBytes);
  }
}

// Its own members hide those of Response, which need what the constructor of Response makes.
Object.setPrototypeOf(LazyResponse.prototype, Response.prototype);

/** A Response over a body of undici. */
export function lazyResponse(parts: LazyParts): Response {
  return new LazyResponse(parts) as unknown as Response;
}

/** The values of Set-Cookie. */
export function setCookiesOf(response: Response): string[] {
  return response instanceof LazyResponse ? response.setCookies : response.headers.getSetCookie();
}

/** Gives the connection of an unread response back. */
export async function discard(response: Response): Promise<void> {
  if (response instanceof LazyResponse) await response.discard();
  else await response.body?.cancel();
}

/** Reads the whole body, which may then be read again. */
export async function hold(response: Response): Promise<{ octets: Uint8Array; response: Response }> {
  if (response instanceof LazyResponse) return response.hold();
  const octets = await response.clone().bytes();
  return { octets, response };
}

/** The body as a stream of Node. */
export function readableOf(response: Response): Readable {
  if (response instanceof LazyResponse && !response.bodyUsed) return response.readable();
  return response.body === null ? Readable.from([]) : Readable.fromWeb(response.body as ReadableStream);
}

/** All octets of a stream, up to the limit. */
function collect(readable: Readable, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    readable.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) readable.destroy(tooLarge(limit));
      else chunks.push(chunk);
    });
    readable.on('error', reject);
    readable.on('end', () =>
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, size)),
    );
    readable.on('close', () => {
      if (!readable.readableEnded) reject(endedEarly());
    });
  });
}

function endedEarly(): ClientError {
  return new ClientError('disconnected', 'the answer ended before it was complete: try again');
}

function tooLarge(limit: number): ClientError {
  const message = `the answer has more than ${limit} octets: read it as a stream, or raise limits.bodyBytes`;
  return new ClientError('limit', message);
}

function toWeb(readable: Readable, used: () => void): ReadableStream<Uint8Array> {
  const iterator = readable[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        used();
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(new Uint8Array(value));
      },
      cancel() {
        used();
        readable.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}

function headersOf(fields: LazyParts['fields']): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(fields)) {
    for (const value of [values ?? []].flat()) headers.append(name, value);
  }
  return headers;
}
