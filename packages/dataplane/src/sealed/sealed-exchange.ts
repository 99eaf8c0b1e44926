// A sealed request on a connection. It is opened, then served by an exchange like any other request. Refusals
// before that are not encrypted, and always have the same text. Later refusals are sealed.
import { GatehouseError } from '@gatehouse/access';
import { BinaryHttpError, HpkeError, ObliviousError } from '@gatehouse/protocol';
import type { Counts } from '../counts/counts.ts';
import type { Admission } from '../exchange/admission.ts';
import type { ClientStream } from '../exchange/client-stream.ts';
import type { Exchange } from '../exchange/exchange.ts';
import { ExchangeLimits } from '../exchange/exchange-limits.ts';
import type { RunningExchange } from '../exchange/running-exchange.ts';
import type { ExchangeSettings } from '../exchange/settings.ts';
import type { Wheel } from '../exchange/wheel.ts';
import type { Inner, Intake, ServeInner } from './intake.ts';
import { SealedStream } from './sealed-stream.ts';

export interface SealedExchangeDeps {
  wheel: Wheel;
  settings: ExchangeSettings;
  counts: Pick<Counts, 'outcome'>;
  httpDate(): string;
  /** An exchange with the usual admission, or with a given one. */
  createExchange(stream: ClientStream, admission?: Admission): Exchange;
  /** Takes the body of the request and opens it. Throws if the request is refused before that. */
  createIntake(stream: ClientStream, serve: ServeInner): Intake;
}

export class SealedExchange implements RunningExchange {
  readonly #stream: ClientStream;
  readonly #deps: SealedExchangeDeps;
  readonly #limits: ExchangeLimits;
  #intake: Intake | undefined;
  #inner: SealedStream | undefined;
  /** The exchange that answers: for the inner request, or for a refusal. */
  #exchange: Exchange | undefined;
  /** The number of pieces of the body that are being opened. */
  #opening = 0;
  #isBodyRead = false;
  #isGone = false;

  constructor(stream: ClientStream, deps: SealedExchangeDeps) {
    this.#stream = stream;
    this.#deps = deps;
    this.#limits = new ExchangeLimits(deps.wheel, deps.settings, {
      requestBroken: (error) => this.requestBroken(error),
      stalled: () => {},
    });
  }

  get state() {
    return this.#inner ? this.#exchange : undefined;
  }

  start(): void {
    try {
      this.#intake = this.#deps.createIntake(this.#stream, (inner) => this.#serve(inner));
    } catch (error) {
      this.#refuse(error);
      return;
    }
    this.#limits.watchBody(false);
    this.#stream.receive();
  }

  end(reason: string): void {
    if (this.#exchange) this.#exchange.end(reason);
    else {
      this.#close();
      this.#stream.cut();
      this.#stream.release();
    }
  }

  requestBody(octets: Uint8Array): void {
    if (!this.#intake) return;
    this.#limits.bodyPassed(octets.length);
    try {
      const work = this.#intake.take(octets);
      if (work) this.#await(work);
    } catch (error) {
      this.#refuse(error);
    }
  }

  requestComplete(): void {
    this.#isBodyRead = true;
    this.#limits.bodyEnded();
    if (this.#intake) this.#await(this.#intake.complete());
  }

  requestFlush(): void {
    this.#exchange?.requestFlush();
  }

  requestBroken(error: Error): void {
    this.#limits.bodyEnded();
    if (this.#inner) this.#exchange?.requestBroken(error);
    else this.#refuse(error);
  }

  answerDrained(): void {
    this.#exchange?.answerDrained();
  }

  clientGone(): void {
    this.#isGone = true;
    if (this.#exchange) this.#exchange.clientGone();
    else {
      this.#close();
      this.#stream.release();
    }
  }

  /** No other octets arrive while some are being opened. */
  #await(work: Promise<void>): void {
    this.#opening += 1;
    this.#flow();
    work.then(
      () => {
        this.#opening -= 1;
        if (this.#inner?.body.isTaken) this.#exchange?.requestFlush();
        this.#flow();
      },
      (error) => this.requestBroken(refusalOf(error)),
    );
  }

  /** After the body, the connection is no longer ours to pause. */
  #flow(): void {
    if (this.#isBodyRead || this.#isGone) return;
    const isHeldUp = this.#opening > 0 || this.#inner?.isHeldUp === true;
    this.#limits.watchBody(isHeldUp);
    if (isHeldUp) this.#stream.pause();
    else this.#stream.resume();
  }

  #serve({ request, refused, answer, parts, trailers }: Inner): SealedStream | undefined {
    if (this.#isGone || this.#exchange) return undefined;
    const inner = new SealedStream(this.#stream, {
      request,
      answer,
      httpDate: this.#deps.httpDate,
      flow: () => this.#flow(),
      fail: (reason) => this.#exchange?.end(reason),
    });
    this.#deps.counts.outcome('sealed', refused === undefined ? 'opened' : codeOf(refused));
    for (const part of parts) inner.part(part);
    if (trailers) inner.complete(trailers);
    const exchange = this.#deps.createExchange(inner, refused === undefined ? undefined : refusing(refused));
    inner.serve(exchange);
    this.#inner = inner;
    this.#exchange = exchange;
    exchange.start();
    return inner;
  }

  #refuse(error: unknown): void {
    if (this.#isGone || this.#exchange) return;
    this.#deps.counts.outcome('sealed', codeOf(error));
    this.#close();
    const exchange = this.#deps.createExchange(this.#stream, refusing(error));
    this.#exchange = exchange;
    exchange.start();
  }

  #close(): void {
    this.#limits.end();
    this.#intake?.close();
    this.#intake = undefined;
  }
}

/** Refuses every request for one reason. */
function refusing(error: unknown): Admission {
  return {
    admit() {
      throw error;
    },
    holds: () => true,
    isRevoked: () => false,
    challenge: () => [],
    signer: () => undefined,
  };
}

function codeOf(error: unknown): string {
  return error instanceof GatehouseError ? error.code : 'failed';
}

/** All failures to open a request look the same for the client. */
function refusalOf(error: Error): Error {
  if (error instanceof ObliviousError && error.code === 'ohttp_unknown_key') {
    return new GatehouseError('sealed_key_unknown', 'Fetch the keys of this gateway again.');
  }
  if (error instanceof ObliviousError || error instanceof HpkeError || error instanceof BinaryHttpError) {
    return new GatehouseError('sealed_request_invalid', 'The sealed request cannot be opened.');
  }
  return error;
}
