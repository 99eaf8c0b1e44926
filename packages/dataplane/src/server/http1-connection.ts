// One client's HTTP/1.1 connection. It serves its requests strictly in order (RFC 9112 §9.3.2) and stores
// pipelined octets. It closes in stages (§9.6), so that a reset does not destroy the last answer.
import { GatehouseError } from '@gatehouse/access';
import type { AnswerHead, Client, ClientRequest, ClientStream } from '../exchange/client-stream.ts';
import type { RunningExchange } from '../exchange/running-exchange.ts';
import { Timer } from '../exchange/wheel.ts';
import type { FieldList, MessageReader, RequestHead } from '../http1/messages.ts';
import { Outbox } from '../http1/outbox.ts';
import { createRequestReader } from '../http1/request-reader.ts';
import { CONTINUE, fieldLines, reasonPhrase } from '../http1/writer.ts';
import type { Connection, ConnectionEvents } from '../transport/transport.ts';
import { answerHeadText, framingFor } from './answer-head.ts';
import { clientRequest } from './client-request.ts';
import { KeptOctets } from './kept-octets.ts';
import { Lingering } from './lingering.ts';
import { RequestBody } from './request-body.ts';
import type { ServerDeps, ServerSettings } from './settings.ts';
import { answerUnreadable, unreadableRequest } from './unreadable-request.ts';

export class Http1Connection implements ConnectionEvents, ClientStream {
  readonly client: Client;
  readonly #socket: Connection;
  readonly #deps: ServerDeps;
  readonly #settings: ServerSettings;
  readonly #reader: MessageReader;
  readonly #outbox: Outbox;
  readonly #lingering: Lingering;
  readonly #timer = new Timer(() => this.#tooLate());
  #head: RequestHead | undefined;
  #request: ClientRequest | undefined;
  #exchange: RunningExchange | undefined;
  readonly #body = new RequestBody();
  /** The octets after the current request. */
  readonly #kept = new KeptOctets();
  /** Whether a part of a head was received. */
  #isInHead = false;
  /** Whether the octets were sent before the answer to an earlier request. */
  #isFromKept = false;
  #isPaused = false;
  #isTunnel = false;
  #mustClose = false;
  #isClosed = false;

  constructor(socket: Connection, deps: ServerDeps, settings: ServerSettings) {
    this.#socket = socket;
    this.#deps = deps;
    this.#settings = settings;
    this.#outbox = new Outbox(socket);
    this.#lingering = new Lingering(socket);
    const { address, tls } = socket;
    this.client = { address, tls, presented: deps.presentedBy(socket), origin: undefined, record: undefined };
    this.#reader = createRequestReader(
      settings,
      {
        head: (head) => {
          this.#head = head;
        },
        body: (octets) => this.#body.part(octets, this.#exchange),
        complete: (trailers) => this.#body.complete(trailers, this.#exchange),
      },
      deps.knownHeads,
    );
    deps.connections.add(this);
    this.#limit(settings.idleSeconds);
  }

  get request(): ClientRequest {
    return this.#request as ClientRequest;
  }

  get isComplete(): boolean {
    return this.#body.isRead;
  }

  /**
   * The current exchange. A Set of all exchanges would be slow: V8 keeps the members of a Set's old tables
   * alive until a full collection.
   */
  get exchange(): RunningExchange | undefined {
    return this.#exchange;
  }

  /**
   * Ends a connection without a running request. While the engine drains, the others end after their answer.
   */
  endIfIdle(): void {
    if (!this.#exchange) this.#linger();
  }

  /** Ends the connection and its exchange at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  data(octets: Uint8Array): void {
    if (this.#lingering.hasBegun) this.#lingering.drop(octets);
    else if (this.#isTunnel && this.#body.isTaken) {
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
    // A client that ends its side before it has the answer is treated as gone, as in nearly all servers.
    this.#socket.destroy();
  }

  closed(): void {
    this.#isClosed = true;
    this.#deps.connections.delete(this);
    this.#deps.wheel.clear(this.#timer);
    this.#exchange?.clientGone();
  }

  receive(): void {
    if (this.#body.isTaken) return;
    this.#body.isTaken = true;
    const exchange = this.#exchange as RunningExchange;
    if (this.#isTunnel) {
      if (!this.#kept.isEmpty) exchange.requestBody(this.#kept.take());
    } else {
      const awaited = this.#head?.expectsContinue && !this.#body.isRead && !this.#body.isHeld;
      if (awaited) this.#socket.write(CONTINUE);
      this.#body.deliver(exchange);
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
    this.#isTunnel = answer.status === 101;
    const { isDraining, httpDate } = this.#deps;
    const mayContinue =
      this.#body.isRead && this.#head?.keepAlive === true && !this.#mustClose && !isDraining();
    const { chunked, persistence } = framingFor(answer, { version: this.#head?.version, mayContinue });
    this.#mustClose = persistence === 'close';
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
    this.#body.end();
    if (this.#isClosed) return;
    if (this.#mustClose || this.#isTunnel) {
      this.#linger();
      return;
    }
    this.#body.isRead = false;
    this.#limit(this.#settings.idleSeconds);
    if (!this.#kept.isEmpty) queueMicrotask(() => this.#takeKept());
    else this.resume();
  }

  #take(octets: Uint8Array): void {
    let at = 0;
    while (at < octets.length && !this.#lingering.hasBegun && !this.#isClosed) {
      if (this.#exchange && this.#body.isRead) {
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
      if (this.#body.isTaken) this.#exchange.requestFlush();
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
    this.#request = clientRequest(head);
    const exchange = this.#deps.createExchange(this);
    this.#exchange = exchange;
    exchange.start();
    if (this.#exchange === exchange && !this.#body.isTaken) this.#hold();
  }

  /** The exchange does not take the body yet. */
  #hold(): void {
    this.#body.keep();
    if (!this.#body.isRead) this.pause();
  }

  #keep(octets: Uint8Array): void {
    if (this.#kept.add(octets, this.#head?.isWebSocket === true)) this.pause();
    else this.#socket.destroy();
  }

  #takeKept(): void {
    if (this.#isClosed || this.#lingering.hasBegun || this.#kept.isEmpty) return;
    this.#isFromKept = true;
    this.#take(this.#kept.take());
    this.#isFromKept = false;
    if (this.#kept.isEmpty && !(this.#exchange && !this.#body.isTaken && !this.#body.isRead)) this.resume();
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
    this.#body.isRead = false;
    answerUnreadable(this, refusal, this.#deps);
    this.#linger();
  }

  #linger(): void {
    if (this.#lingering.hasBegun || this.#isClosed) return;
    this.#kept.clear();
    this.#lingering.begin(this.#deps.wheel, this.#timer);
    this.resume();
  }

  #tooLate(): void {
    if (this.#lingering.hasBegun) this.#socket.destroy();
    else if (this.#exchange) return;
    else if (this.#isInHead)
      this.#refuse(new GatehouseError('request_timeout', 'The headers arrived too slowly.'));
    else this.#linger();
  }

  #limit(seconds: number): void {
    this.#deps.wheel.set(this.#timer, seconds * 1000);
  }
}
