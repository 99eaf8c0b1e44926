// One request and its answer, for any version of HTTP on either side: admission, forwarding in both
// directions with backpressure, time limits, and a record. A failure on one side ends only this exchange on
// the other side.
import type { FieldList } from '../http1/messages.ts';
import type { UpstreamAnswer, UpstreamEvents, UpstreamRequest } from '../upstream/call.ts';
import type { AdmissionState, Admitted, LocalAnswer } from './admission.ts';
import { Answering } from './answering.ts';
import { forwardedAnswer, forwardedInformation } from './forwarded-answer.ts';
import { forwardedRequest } from './forwarded-request.ts';
import { trailerFields } from './header-fields.ts';
import { Held, HeldAnswer, HeldRequest } from './held.ts';
import { localAnswer } from './own-answer.ts';
import { failureReason, tooLarge } from './reasons.ts';
import type { RunningExchange } from './running-exchange.ts';

// 1xx answers have no backpressure, so an upstream with more of them could fill the memory.
const MAX_INFORMATION = 16;

export class Exchange extends Answering implements RunningExchange, UpstreamEvents {
  #informed = 0;

  get state(): AdmissionState {
    return this;
  }

  start(): void {
    try {
      const admitted = this.deps.admission.admit(this);
      if (!(admitted instanceof Promise)) {
        this.#serve(admitted);
        return;
      }
      admitted.then(
        (later) => this.#serve(later),
        (error) => this.refuse(error),
      );
    } catch (error) {
      this.refuse(error);
    }
  }

  /** Ends the exchange and its connection at once. */
  end(reason: string): void {
    this.reason = reason;
    this.cut();
  }

  requestBody(octets: Uint8Array): void {
    const taker = this.held?.request ?? this.call;
    if (this.isDone || !taker) return;
    this.measured.bytesIn += octets.length;
    this.limits?.bodyPassed(octets.length);
    if (this.isTunnel) this.watchTunnel();
    const maxBytes = this.held?.request?.maxBytes ?? (this.admitted as Admitted).route.maxBodyBytes;
    if (this.isTunnel || this.measured.bytesIn <= maxBytes) taker.write(octets);
    else this.requestBroken(tooLarge(maxBytes));
  }

  requestComplete(trailers: FieldList): void {
    this.isRequestSent = true;
    this.limits?.bodyEnded();
    if (this.held?.request) this.#forwardHeld(this.held.request, trailers);
    if (this.isDone || !this.call) return;
    this.call.finish(trailerFields(trailers));
    if (this.isTunnel) this.closeTunnel();
  }

  requestFlush(): void {
    if (this.held?.request && !this.isRequestSent) this.limited().watchBody(false);
    if (this.isDone || !this.call) return;
    const clear = this.call.flush();
    if (this.isRequestSent) return;
    if (!clear) this.stream.pause();
    if (!this.request.isWebSocket) this.limited().watchBody(!clear);
  }

  requestDrained(): void {
    if (this.isDone || this.isRequestSent) return;
    this.limits?.bodyDrained();
    this.stream.resume();
  }

  requestBroken(error: Error): void {
    if (this.isDone) return;
    this.limits?.bodyEnded();
    if (!this.isHeadSent) {
      this.refuse(error);
      return;
    }
    this.reason ??= failureReason(error);
    this.cut();
  }

  answerInformation(status: number, fields: FieldList): void {
    this.#informed += 1;
    // RFC 9110 §15.2: HTTP/1.0 has no 1xx.
    if (this.isDone || this.#informed > MAX_INFORMATION || this.request.version === '1.0') return;
    const admitted = this.admitted as Admitted;
    this.stream.inform(status, forwardedInformation(this, admitted, { status, fields }));
  }

  answerHead(answer: UpstreamAnswer): void {
    if (this.isDone) return;
    this.measured.answered();
    this.isTunnel = answer.status === 101;
    const head = forwardedAnswer(this, this.admitted as Admitted, answer);
    const signer = this.isTunnel ? undefined : this.signer();
    if (signer) {
      this.held ??= new Held();
      this.held.answer = new HeldAnswer(head, signer);
      return;
    }
    this.sendHead(head);
    if (!this.isTunnel) return;
    this.watchTunnel();
    this.stream.receive();
    this.call?.flush();
  }

  answerFailed(error: Error): void {
    if (this.isDone) return;
    this.call = undefined;
    this.deps.counts.upstreamFailed((this.admitted as Admitted).route.id, error);
    if (!this.isHeadSent) {
      this.refuse(error);
      return;
    }
    this.reason ??= failureReason(error);
    this.stream.flush();
    // Only a closed connection shows the client that the answer is incomplete (RFC 9112 §8).
    this.cut();
  }

  #serve(admitted: Admitted | LocalAnswer): void {
    if (this.isDone) return;
    try {
      if ('upstream' in admitted) this.#forward(admitted);
      else this.answer(localAnswer(this, admitted));
    } catch (error) {
      this.refuse(error);
    }
  }

  /** Throws `content_too_large`. */
  #forward(admitted: Admitted): void {
    const request = forwardedRequest(this, admitted);
    this.admitted = admitted;
    if (admitted.body) {
      this.#hold(new HeldRequest(request, admitted.body));
      return;
    }
    this.#send(request);
    if (request.template.body !== 'none') this.stream.receive();
    else if (!request.template.isWebSocket) this.requestComplete([]);
    this.requestFlush();
  }

  #send(request: UpstreamRequest): void {
    const admitted = this.admitted as Admitted;
    const { channels, upstreams } = this.deps;
    this.measured.sent();
    this.call =
      admitted.route.channel && channels
        ? channels.send(this, admitted, this)
        : upstreams.send(admitted.upstream, request, this);
  }

  /** Throws `content_too_large`. */
  #hold(held: HeldRequest): void {
    if ((this.request.contentLength ?? 0) > held.maxBytes) throw tooLarge(held.maxBytes);
    this.held ??= new Held();
    this.held.request = held;
    if (held.request.template.body === 'none') {
      this.#forwardHeld(held, []);
      return;
    }
    this.stream.receive();
    this.requestFlush();
  }

  /** Nothing reaches the upstream before the body is verified. */
  async #forwardHeld(held: HeldRequest, trailers: FieldList): Promise<void> {
    try {
      await held.verify();
      if (this.isDone || this.held?.request !== held) return;
      this.held.request = undefined;
      this.#send(held.request);
      if (held.octets.length > 0) this.call?.write(held.octets);
      if (!this.request.isWebSocket) this.requestComplete(trailers);
      this.requestFlush();
    } catch (error) {
      this.refuse(error);
    }
  }
}
