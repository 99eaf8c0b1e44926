// One client's HTTP/1.1 connection. It serves its requests strictly one after the other (RFC 9112 §9.3.2) and
// keeps what was pipelined. It closes in stages (§9.6), so that a reset does not destroy the last answer.
import { GatehouseError, problemFrom } from '@gatehouse/access';
import { malformedRecord } from '../exchange/access-record.ts';
import type { AnswerHead, Client, ClientRequest, ClientStream } from '../exchange/client-stream.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { problemAnswer } from '../exchange/problem-answer.ts';
import { Timer } from '../exchange/wheel.ts';
import type { FieldList, MessageReader, RequestHead } from '../http1/messages.ts';
import { Outbox } from '../http1/outbox.ts';
import { createRequestReader } from '../http1/request-reader.ts';
import { CONTINUE, fieldLines, reasonPhrase } from '../http1/writer.ts';
import type { Connection, ConnectionEvents } from '../transport/transport.ts';
import type { Persistence } from './answer-head.ts';
import { answerHeadText } from './answer-head.ts';
import { requestOf, unreadableRequest } from './client-request.ts';
import { KeptOctets } from './kept-octets.ts';
import type { ServerDeps, ServerSettings } from './settings.ts';

/** How long a connection that ends waits for the other side, and how much of its octets it drops. */
const LINGER_MS = 5000;
const MAX_DROPPED_BYTES = 8 * 1024 * 1024;

export class Http1Connection implements ConnectionEvents, ClientStream {
  readonly client: Client;
  readonly #socket: Connection;
  readonly #deps: ServerDeps;
  readonly #settings: ServerSettings;
  readonly #reader: MessageReader;
  readonly #outbox: Outbox;
  readonly #timer = new Timer(() => this.#tooLate());
  #head: RequestHead | undefined;
  #request: ClientRequest | undefined;
  /** The head from which the request was made. */
  #requestHead: RequestHead | undefined;
  #exchange: Exchange | undefined;
  /** Whether the whole request has arrived. */
  #isRead = false;
  #trailers: FieldList = [];
  /** Whether the exchange takes the body. */
  #receives = false;
  /** Parts of the body, or of a tunnel, that came before the exchange takes them. */
  #held: Uint8Array[] = [];
  /** What came after the request under way. */
  readonly #kept = new KeptOctets();
  /** Whether a head has begun to come. */
  #isInHead = false;
  /** Whether what is read was sent before the answer to an earlier request. */
  #isFromKept = false;
  #isPaused = false;
  #isTunnel = false;
  #mustClose = false;
  #isLingering = false;
  #isClosed = false;
  #dropped = 0;

  constructor(socket: Connection, deps: ServerDeps, settings: ServerSettings) {
    this.#socket = socket;
    this.#deps = deps;
    this.#settings = settings;
    this.#outbox = new Outbox(socket);
    const { address, tls } = socket;
    this.client = { address, tls, presented: deps.presentedBy(socket), origin: undefined };
    const { maxHeadBytes, maxFields } = settings;
    this.#reader = createRequestReader(
      { maxHeadBytes, maxFields },
      {
        head: (head) => {
          this.#head = head;
        },
        body: (octets) => {
          if (this.#receives) this.#exchange?.requestBody(octets);
          else this.#held.push(octets);
        },
        complete: (trailers) => {
          this.#isRead = true;
          if (this.#receives) this.#exchange?.requestComplete(trailers);
          else this.#trailers = trailers;
        },
      },
    );
    deps.connections.add(this);
    this.#limit(settings.idleSeconds);
  }

  get request(): ClientRequest {
    return this.#request as ClientRequest;
  }

  get isComplete(): boolean {
    return this.#isRead;
  }

  /**
   * The exchange under way. A set of all of them would be slow: V8 keeps the members of a set's old tables
   * alive until it collects everything.
   */
  get exchange(): Exchange | undefined {
    return this.#exchange;
  }

  /** Ends a connection that serves no request. The others end after their answer while the engine drains. */
  endIfIdle(): void {
    if (!this.#exchange) this.#linger();
  }

  /** Ends the connection and what runs on it at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  data(octets: Uint8Array): void {
    if (this.#isLingering) this.#drop(octets);
    else if (this.#isTunnel && this.#receives) {
      this.#exchange?.requestBody(octets);
      this.#exchange?.requestFlush();
    } else if (!this.#kept.isEmpty) this.#keep(octets);
    else this.#take(octets);
  }

  drained(): void {
    this.#outbox.drained();
    this.#exchange?.answerDrained();
  }

  ended(): void {
    const exchange = this.#exchange;
    if (!exchange) {
      this.#linger();
      return;
    }
    if (this.#isTunnel) {
      exchange.requestComplete([]);
      exchange.requestFlush();
      return;
    }
    // A client that ends its side before it has the answer counts as gone, as in nearly all servers.
    this.#socket.destroy();
  }

  closed(): void {
    this.#isClosed = true;
    this.#deps.connections.delete(this);
    this.#deps.wheel.clear(this.#timer);
    this.#exchange?.clientGone();
  }

  receive(): void {
    if (this.#receives) return;
    this.#receives = true;
    const exchange = this.#exchange as Exchange;
    if (this.#isTunnel) {
      if (!this.#kept.isEmpty) exchange.requestBody(this.#kept.take());
    } else {
      const awaited = this.#head?.expectsContinue && !this.#isRead && this.#held.length === 0;
      if (awaited) this.#socket.write(CONTINUE);
      for (const octets of this.#held) exchange.requestBody(octets);
      this.#held = [];
      if (this.#isRead) exchange.requestComplete(this.#trailers);
    }
    this.resume();
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused || !this.#kept.isEmpty) return;
    this.#isPaused = false;
    this.#socket.resume();
  }

  inform(status: number, fields: FieldList): void {
    this.#outbox.head(`HTTP/1.1 ${status} ${reasonPhrase(status)}\r\n${fieldLines(fields)}\r\n`, false);
  }

  answer(answer: AnswerHead): void {
    const { status, body, last } = answer;
    this.#isTunnel = status === 101;
    const version = this.#head?.version;
    const chunked = body === 'unknown' && version === '1.1';
    if (last || !this.#isRead || !this.#head?.keepAlive || (body === 'unknown' && !chunked)) {
      this.#mustClose = true;
    }
    if (this.#deps.isDraining()) this.#mustClose = true;
    const persistence: Persistence = this.#mustClose ? 'close' : version === '1.0' ? 'keep-alive' : undefined;
    const { httpDate } = this.#deps;
    const framing = this.#isTunnel ? undefined : { chunked, persistence, httpDate };
    this.#outbox.head(answerHeadText(answer, framing), chunked);
  }

  write(octets: Uint8Array): void {
    this.#outbox.body(octets);
  }

  finish(trailers: FieldList): void {
    this.#outbox.finish(trailers);
    if (!this.#isTunnel) return;
    this.#outbox.flush();
    this.#socket.end();
  }

  flush(): boolean {
    return this.#outbox.flush();
  }

  cut(): void {
    this.#mustClose = true;
    this.#socket.destroy();
  }

  release(): void {
    this.#exchange = undefined;
    this.#head = undefined;
    this.#receives = false;
    this.#held = [];
    if (this.#isClosed) return;
    if (this.#mustClose || this.#isTunnel) {
      this.#linger();
      return;
    }
    this.#isRead = false;
    this.#limit(this.#settings.idleSeconds);
    if (!this.#kept.isEmpty) queueMicrotask(() => this.#takeKept());
    else this.resume();
  }

  #take(octets: Uint8Array): void {
    let at = 0;
    while (at < octets.length && !this.#isLingering && !this.#isClosed) {
      if (this.#exchange && this.#isRead) {
        this.#keep(at === 0 ? octets : octets.subarray(at));
        return;
      }
      try {
        at += this.#reader.read(at === 0 ? octets : octets.subarray(at));
      } catch (error) {
        this.#refuse(error as Error);
        return;
      }
      this.#afterRead();
    }
  }

  #afterRead(): void {
    if (this.#exchange) {
      if (this.#receives) this.#exchange.requestFlush();
      else this.#hold();
    } else if (this.#head) this.#begin(this.#head);
    else if (this.#reader.isMidway && !this.#isInHead) {
      this.#isInHead = true;
      this.#limit(this.#settings.headersSeconds);
    }
  }

  #begin(head: RequestHead): void {
    this.#isInHead = false;
    if (head.isWebSocket && this.#isFromKept) {
      this.#refuse(
        new GatehouseError('bad_request', 'Ask for a WebSocket when all earlier requests are answered.'),
      );
      return;
    }
    // A head that repeats the one before is the same object.
    if (this.#requestHead !== head) this.#request = requestOf(head);
    this.#requestHead = head;
    const exchange = this.#deps.createExchange(this);
    this.#exchange = exchange;
    exchange.start();
    if (this.#exchange === exchange && !this.#receives) this.#hold();
  }

  /** The exchange does not take the body yet. */
  #hold(): void {
    if (this.#held.length > 0) this.#held = [Buffer.concat(this.#held)];
    if (!this.#isRead) this.pause();
  }

  #keep(octets: Uint8Array): void {
    if (this.#kept.add(octets, this.#head?.isWebSocket === true)) this.pause();
    else this.#socket.destroy();
  }

  #takeKept(): void {
    if (this.#isClosed || this.#isLingering || this.#kept.isEmpty) return;
    this.#isFromKept = true;
    this.#take(this.#kept.take());
    this.#isFromKept = false;
    if (this.#kept.isEmpty && !(this.#exchange && !this.#receives && !this.#isRead)) this.resume();
  }

  /** The request cannot be read (any further). */
  #refuse(error: Error): void {
    this.#isInHead = false;
    this.#mustClose = true;
    const refusal = unreadableRequest(error);
    if (this.#exchange) {
      this.#exchange.requestBroken(refusal);
      if (this.#exchange) this.pause();
      return;
    }
    this.#isRead = false;
    const requestId = this.#deps.requestId();
    const problem = problemFrom(refusal, requestId);
    const { status, reason, fields, body } = problemAnswer(problem);
    this.answer({ status, reason, fields, body: 'known', last: true });
    this.write(body);
    this.flush();
    this.#deps.counts.unreadable(status);
    this.#deps.accessLog?.(malformedRecord(this.client, { requestId, status, reason: error.message }));
    this.#linger();
  }

  /**
   * Ends our side, drops for a while what the client still sends, then cuts the connection (RFC 9112 §9.6).
   */
  #linger(): void {
    if (this.#isLingering || this.#isClosed) return;
    this.#isLingering = true;
    this.#kept.clear();
    this.#socket.end();
    this.resume();
    this.#deps.wheel.set(this.#timer, LINGER_MS);
  }

  #drop(octets: Uint8Array): void {
    this.#dropped += octets.length;
    if (this.#dropped > MAX_DROPPED_BYTES) this.#socket.destroy();
  }

  #tooLate(): void {
    if (this.#isLingering) this.#socket.destroy();
    else if (this.#exchange) return;
    else if (this.#isInHead)
      this.#refuse(new GatehouseError('request_timeout', 'The headers arrived too slowly.'));
    else this.#linger();
  }

  #limit(seconds: number): void {
    this.#deps.wheel.set(this.#timer, seconds * 1000);
  }
}
