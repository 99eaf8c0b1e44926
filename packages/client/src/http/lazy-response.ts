// A Response over a body of undici. It creates its headers and streams only when they are read. It is an
// instance of the global Response, so that libraries for `fetch` accept it.
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Answer } from '../network/exchange.ts';
import { IncomingBody } from '../network/incoming-body.ts';
import { collect, textOf, toWeb } from './body-reading.ts';
import type { Deadline } from './deadline.ts';
import { decompress } from './decompress.ts';
import { typedError } from './failures.ts';
import { defaultLimits, type Limits } from './limits.ts';
import type { HttpRequest } from './middleware.ts';
import type { Now } from './now.ts';

export interface LazyParts {
  answer: Answer;
  request: HttpRequest;
  now: Now;
  limits: Required<Limits>;
  decompress: boolean;
}

/** Receives octets. `take` copies a piece, and returns false to get no more until it calls `resume`. */
export interface Sink {
  take(chunk: Buffer, resume: () => void): boolean;
  end(): Promise<void>;
}

const NO_CONTENT = new Set([101, 204, 205, 304]);
const DISCARDED_BYTES = 128 * 1024;
const EMPTY = Buffer.alloc(0);
const NO_COOKIES: readonly string[] = [];

export class LazyResponse {
  readonly #parts: LazyParts;
  readonly #answer: Answer;
  #headers: Headers | undefined;
  #stream: ReadableStream<Uint8Array> | null | undefined;
  #used = false;
  #deadline: Deadline | undefined;

  constructor(parts: LazyParts) {
    this.#parts = parts;
    this.#answer = parts.answer;
  }

  /** The time limit counts until the body ends, or until it is read as a stream. */
  watch(deadline: Deadline): void {
    this.#deadline = deadline;
    this.#answer.body.watch(deadline);
  }

  get origin(): { answer: Answer; request: HttpRequest } {
    return { answer: this.#answer, request: this.#parts.request };
  }

  get status(): number {
    return this.#answer.status;
  }

  get statusText(): string {
    return this.#answer.statusText;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get url(): string {
    return this.#parts.request.url.href.replace(/#.*$/, '');
  }

  get redirected(): boolean {
    const { url, first } = this.#parts.request;
    return url !== first && url.href !== first.href;
  }

  get type(): 'basic' {
    return 'basic';
  }

  get headers(): Headers {
    this.#headers ??= headersOf(this.#answer.fields);
    return this.#headers;
  }

  /** The values of Set-Cookie, without creating the other headers. */
  get setCookies(): readonly string[] {
    const lines = this.#answer.fields['set-cookie'];
    return lines === undefined ? NO_COOKIES : [lines].flat();
  }

  /** The value of a field, without creating the other headers. */
  field(name: string): string | undefined {
    const value = this.#answer.fields[name];
    return typeof value === 'object' ? value.join(', ') : value;
  }

  get bodyUsed(): boolean {
    return this.#used;
  }

  get body(): ReadableStream<Uint8Array> | null {
    if (this.#stream !== undefined) return this.#stream;
    if (NO_CONTENT.has(this.status)) {
      this.#answer.body.discard(DISCARDED_BYTES);
      this.#stream = null;
    } else this.#stream = toWeb(this.readable(), () => this.#markUsed());
    return this.#stream;
  }

  /** The body as a stream of Node, once. */
  readable(): Readable {
    if (this.#used || this.#stream !== undefined) throw new TypeError('the body has been read already');
    this.#deadline?.lift();
    return this.#open();
  }

  /** Passes the octets to `sink` as they arrive, without a stream. False if they are encoded. */
  async pipe(sink: Sink): Promise<boolean> {
    if (this.#used || this.#stream !== undefined) throw new TypeError('the body has been read already');
    if (this.#encoding() !== undefined) return false;
    this.#used = true;
    this.#deadline?.lift();
    const piping = this.#answer.body.pipe((chunk) => sink.take(chunk, () => piping.resume()));
    try {
      await piping.ended;
    } catch (error) {
      throw this.#typed(error);
    }
    await sink.end();
    return true;
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await this.#collect());
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return (await this.bytes()).buffer;
  }

  async text(): Promise<string> {
    return textOf(await this.#collect());
  }

  async json(): Promise<unknown> {
    return JSON.parse(textOf(await this.#collect()));
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

  /** The octets as sent, and a response that has them in memory. */
  async hold(): Promise<{ octets: Uint8Array; response: Response }> {
    if (this.#used || this.#stream !== undefined) throw new TypeError('the body has been read already');
    this.#used = true;
    try {
      const octets = await this.#answer.body.collect(this.#parts.limits.bodyBytes);
      const answer = { ...this.#answer, body: IncomingBody.of(octets) };
      return { octets, response: lazyResponse({ ...this.#parts, answer }) };
    } catch (error) {
      throw this.#typed(error);
    }
  }

  /** Reads the rest of a small body, or ends the connection. */
  async discard(): Promise<void> {
    this.#used = true;
    await this.#answer.body.discard(DISCARDED_BYTES);
  }

  #encoding(): string | undefined {
    return this.#parts.decompress ? this.field('content-encoding') : undefined;
  }

  #open(): Readable {
    const typed = (error: unknown) => this.#typed(error);
    const body = this.#answer.body.readable(typed);
    const encoding = this.#encoding();
    try {
      return encoding === undefined
        ? body
        : decompress(body, encoding, { limits: this.#parts.limits, typed });
    } catch (error) {
      throw typed(error);
    }
  }

  /** The typed error for an error of the network. */
  #typed(error: unknown): unknown {
    return typedError(error, this.#parts.request, this.#parts.now);
  }

  #markUsed(): void {
    this.#used = true;
  }

  async #collect(): Promise<Buffer> {
    if (this.#stream) return this.#collectStream(this.#stream);
    if (this.#used) throw new TypeError('the body has been read already');
    const { bodyBytes } = this.#parts.limits;
    try {
      if (NO_CONTENT.has(this.status)) return EMPTY;
      const encoding = this.#encoding();
      this.#used = true;
      return await (encoding === undefined
        ? this.#answer.body.collect(bodyBytes, Number(this.field('content-length') ?? 0))
        : collect(this.#open(), bodyBytes));
    } catch (error) {
      throw this.#typed(error);
    }
  }

  async #collectStream(stream: ReadableStream<Uint8Array>): Promise<Buffer> {
    if (stream.locked || this.#used) throw new TypeError('the body has been read already');
    return collect(Readable.fromWeb(stream), this.#parts.limits.bodyBytes);
  }
}

// The constructor of Response never runs for this object, so its own members replace all those of Response.
Object.setPrototypeOf(LazyResponse.prototype, Response.prototype);

/** A Response over a body of undici. */
export function lazyResponse(parts: LazyParts): Response {
  return new LazyResponse(parts) as unknown as Response;
}

/** The answer from the network, and its request. Undefined for the response of another step. */
export function networkAnswerOf(response: Response): { answer: Answer; request: HttpRequest } | undefined {
  return response instanceof LazyResponse ? response.origin : undefined;
}

/** A Response from a stored answer. */
export function storedResponse(
  { body, ...header }: Omit<Answer, 'body'> & { body: Uint8Array },
  request: HttpRequest,
  now: Now,
): Response {
  const reading = request.reading ?? { limits: defaultLimits, decompress: true };
  return lazyResponse({ answer: { ...header, body: IncomingBody.of(body) }, request, now, ...reading });
}

/** The values of Set-Cookie. */
export function setCookiesOf(response: Response): readonly string[] {
  return response instanceof LazyResponse ? response.setCookies : response.headers.getSetCookie();
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

/** Passes the octets to `sink`, and ends it. */
export async function pipeTo(response: Response, sink: Sink): Promise<void> {
  if (response instanceof LazyResponse && (await response.pipe(sink))) return;
  for await (const chunk of readableOf(response)) {
    const { promise, resolve } = Promise.withResolvers<void>();
    if (sink.take(chunk, resolve)) resolve();
    await promise;
  }
  await sink.end();
}

function headersOf(fields: Answer['fields']): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(fields)) {
    for (const value of [values ?? []].flat()) headers.append(name, value);
  }
  return headers;
}
