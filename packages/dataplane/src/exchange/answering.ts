// The client side of an exchange: its answer, from an upstream or from the gateway itself, and its end.
import type { FieldList } from '../http1/messages.ts';
import type { Call } from '../upstream/call.ts';
import { accessRecord } from './access-record.ts';
import type { Admitted, ExchangeSigner } from './admission.ts';
import type { AnswerHead, ClientStream } from './client-stream.ts';
import type { LimitEvents } from './exchange-limits.ts';
import { ExchangeLimits } from './exchange-limits.ts';
import { ExchangeState } from './exchange-state.ts';
import { trailerFields } from './header-fields.ts';
import { Held, signedAnswer } from './held.ts';
import { Measured } from './measured.ts';
import type { OwnAnswer } from './own-answer.ts';
import { problemOf, refusal } from './own-answer.ts';
import { tooLargeToSign } from './reasons.ts';
import type { ExchangeDeps, ExchangeSettings } from './settings.ts';

const CLIENT_GONE = 'the client closed the connection';

export abstract class Answering extends ExchangeState implements LimitEvents {
  protected readonly deps: ExchangeDeps;
  protected readonly stream: ClientStream;
  protected readonly measured = new Measured();
  protected admitted: Admitted | undefined;
  /** The request at its upstream. */
  protected call: Call | undefined;
  /** Set only if a signature needs a whole message. */
  protected held: Held | undefined;
  /** Most exchanges need none. */
  protected limits: ExchangeLimits | undefined;
  protected isRequestSent = false;
  protected isTunnel = false;
  protected isHeadSent = false;
  protected isDone = false;
  /** The trailers of the answer, when it is complete. */
  #trailers: FieldList | undefined;
  readonly #settings: ExchangeSettings;

  constructor(stream: ClientStream, deps: ExchangeDeps, settings: ExchangeSettings) {
    super(stream, { requestId: deps.requestId(), host: settings.host });
    this.stream = stream;
    this.deps = deps;
    this.#settings = settings;
  }

  abstract requestBroken(error: Error): void;

  answerBody(octets: Uint8Array): void {
    if (this.isDone) return;
    this.measured.bytesOut += octets.length;
    if (this.isTunnel) this.watchTunnel();
    const held = this.held?.answer;
    if (!held) this.stream.write(octets);
    else if (this.measured.bytesOut <= held.signer.maxBytes) held.write(octets);
    else this.refuse(tooLargeToSign(held.signer.maxBytes));
  }

  answerComplete(trailers: FieldList): void {
    if (this.isDone) return;
    if (this.held?.answer) {
      this.#sign(this.held.answer.answer, this.held.answer.signer);
      return;
    }
    this.#trailers = trailers;
    this.stream.finish(trailerFields(trailers));
    if (this.isTunnel) this.closeTunnel();
  }

  answerFlush(): void {
    if (this.isDone || this.held?.isAnswerHeld) return;
    const clear = this.stream.flush();
    if (this.#trailers && (!this.isTunnel || this.isRequestSent)) {
      if (clear) this.finish();
      else this.limited().waitForClient();
    } else if (!clear) {
      this.call?.pause();
      this.limited().waitForClient();
    }
  }

  answerDrained(): void {
    if (this.isDone) return;
    if (!this.isTunnel) this.limits?.clientDrained();
    if (this.#trailers) this.finish();
    else this.call?.resume();
  }

  stalled(): void {
    if (!this.isTunnel) this.reason ??= 'the client did not read the answer';
    this.cut();
  }

  clientGone(): void {
    if (this.isDone) return;
    if (!this.isTunnel) this.reason ??= CLIENT_GONE;
    this.finish();
  }

  protected answer(answer: OwnAnswer): void {
    const signer = this.signer();
    if (signer) this.#sign(answer, signer);
    else this.#deliver(answer);
  }

  protected sendHead(head: AnswerHead): void {
    this.measured.status = head.status;
    this.isHeadSent = true;
    this.stream.answer(head);
  }

  protected refuse(error: unknown): void {
    this.call?.abort();
    this.call = undefined;
    if (this.isDone || this.held?.isSigning) return;
    if (this.held?.answer) this.measured.bytesOut = 0; // none of these octets reached the client
    this.held = undefined;
    const problem = problemOf(this, error, this.deps.log);
    const { status, code } = problem;
    const challenge = status === 401 ? this.deps.admission.challenge(code, this) : undefined;
    this.answer(refusal(this, problem, challenge));
  }

  protected signer(): ExchangeSigner | undefined {
    return this.route?.signResponses ? this.deps.admission.signer(this) : undefined;
  }

  async #sign(answer: OwnAnswer, signer: ExchangeSigner): Promise<void> {
    this.held ??= new Held();
    this.held.isSigning = true;
    try {
      const signed = await signedAnswer(answer, signer);
      this.held = undefined;
      if (!this.isDone) this.#deliver(signed);
    } catch (error) {
      this.deps.log.event('gateway.request_failed', { error, requestId: this.requestId });
      this.reason ??= 'the answer could not be signed';
      this.cut();
    }
  }

  #deliver({ head, octets }: OwnAnswer): void {
    this.sendHead(head);
    if (octets) this.stream.write(octets);
    this.answerComplete([]);
    this.answerFlush();
  }

  protected limited(): ExchangeLimits {
    this.limits ??= new ExchangeLimits(this.deps.wheel, this.#settings, this);
    return this.limits;
  }

  protected watchTunnel(): void {
    if (!this.#trailers && !this.isRequestSent) this.limited().watchTunnel();
  }

  protected closeTunnel(): void {
    this.limited().closeTunnel();
    if (this.#trailers && this.isRequestSent) this.finish();
  }

  protected cut(): void {
    if (this.isDone) return;
    this.stream.cut();
    this.finish();
  }

  protected finish(): void {
    this.isDone = true;
    this.limits?.end();
    this.call?.abort();
    this.measured.ended(this);
    this.deps.counts.ended(this.measured);
    this.deps.accessLog?.(accessRecord(this, this.admitted, this.measured));
    this.stream.release();
  }
}
