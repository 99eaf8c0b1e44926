// The request inside a sealed one and the way back for its answer, in the form of any client for an exchange.
// The answer of the exchange is sealed, and sent as the content of the outer answer.
import type {
  AnswerHead,
  Client,
  ClientRequest,
  ClientStream,
  StreamEvents,
} from '../exchange/client-stream.ts';
import type { FieldList } from '../http1/messages.ts';
import { RequestBody } from '../server/request-body.ts';
import type { SealedAnswer } from './sealed-answer.ts';

export interface SealedStreamParts {
  request: ClientRequest;
  answer: SealedAnswer;
  httpDate(): string;
  /** Called when it begins or stops to take octets. */
  flow(): void;
  /** Ends the exchange, because its answer cannot be sealed. */
  fail(reason: string): void;
}

export class SealedStream implements ClientStream {
  readonly request: ClientRequest;
  readonly client: Client;
  /** The inner content. It waits until the exchange takes it. */
  readonly body = new RequestBody();
  readonly #outer: ClientStream;
  readonly #parts: SealedStreamParts;
  #exchange: StreamEvents | undefined;
  #isPaused = false;
  #hasFailed = false;

  constructor(outer: ClientStream, parts: SealedStreamParts) {
    this.#outer = outer;
    this.#parts = parts;
    this.request = parts.request;
    const { address, tls } = outer.client;
    // The certificate of the connection belongs to the proxy that forwarded the request.
    this.client = { address, tls, presented: undefined, origin: undefined, record: undefined, sealed: true };
  }

  /** The exchange that serves the request. */
  serve(exchange: StreamEvents): void {
    this.#exchange = exchange;
  }

  get isComplete(): boolean {
    return this.body.isRead;
  }

  /** Whether the content should pause. */
  get isHeldUp(): boolean {
    return !this.body.isRead && (this.#isPaused || !this.body.isTaken);
  }

  receive(): void {
    if (this.body.isTaken || !this.#exchange) return;
    this.body.isTaken = true;
    this.body.deliver(this.#exchange);
    this.resume();
  }

  pause(): void {
    this.#isPaused = true;
    this.#parts.flow();
  }

  resume(): void {
    this.#isPaused = false;
    this.#parts.flow();
  }

  /** A part of the content. Its memory must not change. */
  part(octets: Uint8Array): void {
    this.body.part(octets, this.#exchange);
  }

  complete(trailers: FieldList): void {
    this.body.complete(trailers, this.#exchange);
  }

  /** Sealed answers have no interim responses, because these would reveal the timing. */
  inform(): void {}

  answer({ status, passed, fields, body }: AnswerHead): void {
    const all = [...(passed?.fields ?? []), ...fields];
    const hasDate = all.some((name, index) => index % 2 === 0 && name.toLowerCase() === 'date');
    if (!hasDate) all.push('date', this.#parts.httpDate());
    this.#try(() => this.#parts.answer.head(status, body === 'none' ? withoutLength(all) : all));
  }

  write(octets: Uint8Array): void {
    this.#try(() => this.#parts.answer.content(octets));
  }

  finish(trailers: FieldList): void {
    this.#try(() => this.#parts.answer.finish(trailers));
  }

  flush(): boolean {
    const { answer } = this.#parts;
    if (answer.isIdle) return this.#outer.flush();
    answer.whenIdle(() => {
      if (this.#outer.flush()) this.#exchange?.answerDrained();
    });
    return false;
  }

  cut(): void {
    this.#outer.cut();
  }

  release(): void {
    this.body.end();
    this.#parts.answer.close();
    this.#outer.release();
  }

  /** An upstream may send more octets than can be sealed, or a field that cannot be sealed. */
  #try(work: () => void): void {
    if (this.#hasFailed) return;
    try {
      work();
    } catch (error) {
      this.#hasFailed = true;
      const reason = error instanceof Error ? error.message : String(error);
      queueMicrotask(() => this.#parts.fail(`the answer cannot be sealed: ${reason}`));
    }
  }
}

/** RFC 9292 §6: a reader cannot detect that the content of an answer to HEAD was left out. */
function withoutLength(fields: FieldList): FieldList {
  return fields.filter((_, index) => fields[index - (index % 2)]?.toLowerCase() !== 'content-length');
}
