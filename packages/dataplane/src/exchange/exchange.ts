// One request and its answer, whatever version of HTTP either side speaks: admission, the way to the upstream
// and back with backpressure, time limits, and a record of it. A failure on one side ends this exchange on
// the other side, and nothing else.
import type { ClaimedCredential, GatewayRoute, PresentedCertificate, Principal } from '@gatehouse/access';
import type { FieldList } from '../http1/messages.ts';
import type { TlsFacts } from '../transport/transport.ts';
import type { Call, UpstreamAnswer, UpstreamEvents, UpstreamRequest } from '../upstream/call.ts';
import { accessRecord } from './access-record.ts';
import type { AdmissionState, Admitted, ExchangeSigner, LocalAnswer } from './admission.ts';
import type { Client, ClientRequest, ClientStream } from './client-stream.ts';
import type { LimitEvents } from './exchange-limits.ts';
import { ExchangeLimits } from './exchange-limits.ts';
import { forwardedAnswer, forwardedInformation } from './forwarded-answer.ts';
import { forwardedRequest } from './forwarded-request.ts';
import { trailerFields } from './header-fields.ts';
import { Held, HeldAnswer, HeldRequest, signedAnswer } from './held.ts';
import type { OwnAnswer } from './own-answer.ts';
import { localAnswer, problemOf, refusal } from './own-answer.ts';
import { failureReason, pathAsSent, tooLarge, tooLargeToSign } from './reasons.ts';
import type { RunningExchange } from './running-exchange.ts';
import type { ExchangeDeps, ExchangeSettings } from './settings.ts';

const CLIENT_GONE = 'the client closed the connection';
/** For the log only: there was no client left to answer. */
const CLIENT_GONE_STATUS = 499;
// 1xx answers have no backpressure: an upstream that sends more would fill the memory.
const MAX_INFORMATION = 16;

export class Exchange implements RunningExchange, UpstreamEvents, LimitEvents, AdmissionState {
  readonly request: ClientRequest;
  readonly client: Client;
  readonly method: string;
  readonly address: string;
  readonly presented: PresentedCertificate | undefined;
  readonly requestId: string;
  readonly host: string;
  path: string;
  query = '';
  route: GatewayRoute | undefined;
  principal: Principal | undefined;
  decision: 'allowed' | 'denied' | 'refused' = 'refused';
  claimed: ClaimedCredential | undefined;
  reason: string | undefined;
  policies: readonly string[] | undefined;
  isChecked = false;
  answerFields: FieldList | undefined;
  replacedFields: ReadonlySet<string> | undefined;
  readonly #deps: ExchangeDeps;
  readonly #settings: ExchangeSettings;
  readonly #stream: ClientStream;
  readonly #startedAt = performance.now();
  #admitted: Admitted | undefined;
  #call: Call | undefined;
  /** Only where a signature needs a whole message. */
  #held: Held | undefined;
  /** Most exchanges need none. */
  #limits: ExchangeLimits | undefined;
  #sentAt = 0;
  #upstreamMs: number | undefined;
  /** The status of the answer whose head was sent. */
  #status: number | undefined;
  #trailers: FieldList | undefined;
  #isRequestSent = false;
  #isTunnel = false;
  #isDone = false;
  #informed = 0;
  #bytesIn = 0;
  #bytesOut = 0;

  constructor(stream: ClientStream, deps: ExchangeDeps, settings: ExchangeSettings) {
    this.#stream = stream;
    this.#deps = deps;
    this.#settings = settings;
    const { request, client } = stream;
    this.request = request;
    this.client = client;
    this.method = request.method;
    this.address = client.address;
    this.presented = client.presented;
    this.requestId = deps.requestId();
    this.host = request.host ?? settings.host;
    this.path = pathAsSent(request.target);
  }

  get state(): AdmissionState {
    return this;
  }

  get fields(): FieldList {
    return this.request.fields;
  }

  get tls(): TlsFacts | undefined {
    return this.client.tls;
  }

  start(): void {
    try {
      const admitted = this.#deps.admission.admit(this);
      if (!(admitted instanceof Promise)) {
        this.#serve(admitted);
        return;
      }
      admitted.then(
        (later) => this.#serve(later),
        (error) => this.#refuse(error),
      );
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Ends the exchange and its connection at once. */
  end(reason: string): void {
    this.reason = reason;
    this.#cut();
  }

  requestBody(octets: Uint8Array): void {
    const taker = this.#held?.request ?? this.#call;
    if (this.#isDone || !taker) return;
    this.#bytesIn += octets.length;
    this.#limits?.bodyPassed(octets.length);
    if (this.#isTunnel) this.#watchTunnel();
    const maxBytes = this.#held?.request?.maxBytes ?? (this.#admitted as Admitted).route.maxBodyBytes;
    if (this.#isTunnel || this.#bytesIn <= maxBytes) taker.write(octets);
    else this.requestBroken(tooLarge(maxBytes));
  }

  requestComplete(trailers: FieldList): void {
    this.#isRequestSent = true;
    this.#limits?.bodyEnded();
    if (this.#held?.request) this.#forwardHeld(this.#held.request, trailers);
    if (this.#isDone || !this.#call) return;
    this.#call.finish(trailerFields(trailers));
    if (this.#isTunnel) this.#closeTunnel();
  }

  requestFlush(): void {
    if (this.#held?.request && !this.#isRequestSent) this.#limited().watchBody(false);
    if (this.#isDone || !this.#call) return;
    const clear = this.#call.flush();
    if (this.#isRequestSent) return;
    if (!clear) this.#stream.pause();
    if (!this.request.isWebSocket) this.#limited().watchBody(!clear);
  }

  requestDrained(): void {
    if (this.#isDone || this.#isRequestSent) return;
    this.#limits?.bodyDrained();
    this.#stream.resume();
  }

  requestBroken(error: Error): void {
    if (this.#isDone) return;
    this.#limits?.bodyEnded();
    if (this.#status === undefined) {
      this.#refuse(error);
      return;
    }
    this.reason ??= failureReason(error);
    this.#cut();
  }

  answerInformation(status: number, fields: FieldList): void {
    this.#informed += 1;
    // RFC 9110 §15.2: HTTP/1.0 has no 1xx.
    if (this.#isDone || this.#informed > MAX_INFORMATION || this.request.version === '1.0') return;
    const admitted = this.#admitted as Admitted;
    this.#stream.inform(status, forwardedInformation(this, admitted, { status, fields }));
  }

  answerHead(answer: UpstreamAnswer): void {
    if (this.#isDone) return;
    this.#upstreamMs = performance.now() - this.#sentAt;
    this.#isTunnel = answer.status === 101;
    const head = forwardedAnswer(this, this.#admitted as Admitted, answer);
    const signer = this.#isTunnel ? undefined : this.#signer();
    if (signer) {
      this.#held ??= new Held();
      this.#held.answer = new HeldAnswer(head, signer);
      return;
    }
    this.#status = answer.status;
    this.#stream.answer(head);
    if (!this.#isTunnel) return;
    this.#watchTunnel();
    this.#stream.receive();
    this.#call?.flush();
  }

  answerBody(octets: Uint8Array): void {
    if (this.#isDone) return;
    this.#bytesOut += octets.length;
    if (this.#isTunnel) this.#watchTunnel();
    const held = this.#held?.answer;
    if (!held) this.#stream.write(octets);
    else if (this.#bytesOut <= held.signer.maxBytes) held.write(octets);
    else this.#refuse(tooLargeToSign(held.signer.maxBytes));
  }

  answerComplete(trailers: FieldList): void {
    if (this.#isDone) return;
    if (this.#held?.answer) {
      this.#sign(this.#held.answer.answer, this.#held.answer.signer);
      return;
    }
    this.#trailers = trailers;
    this.#stream.finish(trailerFields(trailers));
    if (this.#isTunnel) this.#closeTunnel();
  }

  answerFlush(): void {
    if (this.#isDone || this.#held?.isAnswerHeld) return;
    const clear = this.#stream.flush();
    if (this.#trailers && (!this.#isTunnel || this.#isRequestSent)) {
      if (clear) this.#finish();
      else this.#limited().waitForClient();
    } else if (!clear) {
      this.#call?.pause();
      this.#limited().waitForClient();
    }
  }

  answerFailed(error: Error): void {
    if (this.#isDone) return;
    this.#call = undefined;
    this.#deps.counts.upstreamFailed((this.#admitted as Admitted).route.id, error);
    if (this.#status === undefined) {
      this.#refuse(error);
      return;
    }
    this.reason ??= failureReason(error);
    this.#stream.flush();
    // Cutting the connection is the only way to say that the answer is incomplete (RFC 9112 §8).
    this.#cut();
  }

  answerDrained(): void {
    if (this.#isDone) return;
    if (!this.#isTunnel) this.#limits?.clientDrained();
    if (this.#trailers) this.#finish();
    else this.#call?.resume();
  }

  stalled(): void {
    if (!this.#isTunnel) this.reason ??= 'the client did not read the answer';
    this.#cut();
  }

  clientGone(): void {
    if (this.#isDone) return;
    if (!this.#isTunnel) this.reason ??= CLIENT_GONE;
    this.#finish();
  }

  #serve(admitted: Admitted | LocalAnswer): void {
    if (this.#isDone) return;
    try {
      if ('upstream' in admitted) this.#forward(admitted);
      else this.#answer(localAnswer(this, admitted));
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Throws `content_too_large`. */
  #forward(admitted: Admitted): void {
    const request = forwardedRequest(this, admitted);
    this.#admitted = admitted;
    if (admitted.body) {
      this.#hold(new HeldRequest(request, admitted.body));
      return;
    }
    this.#send(request);
    if (request.body !== 'none') this.#stream.receive();
    else if (!request.isWebSocket) this.requestComplete([]);
    this.requestFlush();
  }

  #send(request: UpstreamRequest): void {
    const admitted = this.#admitted as Admitted;
    const { channels, upstreams } = this.#deps;
    this.#sentAt = performance.now();
    this.#call =
      admitted.route.channel && channels
        ? channels.send(this, admitted, this)
        : upstreams.send(admitted.upstream, request, this);
  }

  /** Throws `content_too_large`. */
  #hold(held: HeldRequest): void {
    if ((this.request.contentLength ?? 0) > held.maxBytes) throw tooLarge(held.maxBytes);
    this.#held ??= new Held();
    this.#held.request = held;
    if (held.request.body === 'none') {
      this.#forwardHeld(held, []);
      return;
    }
    this.#stream.receive();
    this.requestFlush();
  }

  /** Nothing reaches the upstream before the body is verified. */
  async #forwardHeld(held: HeldRequest, trailers: FieldList): Promise<void> {
    try {
      await held.verify();
      if (this.#isDone || this.#held?.request !== held) return;
      this.#held.request = undefined;
      this.#send(held.request);
      if (held.octets.length > 0) this.#call?.write(held.octets);
      if (!this.request.isWebSocket) this.requestComplete(trailers);
      this.requestFlush();
    } catch (error) {
      this.#refuse(error);
    }
  }

  #signer(): ExchangeSigner | undefined {
    return this.route?.signResponses ? this.#deps.admission.signer(this) : undefined;
  }

  #answer(answer: OwnAnswer): void {
    const signer = this.#signer();
    if (signer) this.#sign(answer, signer);
    else this.#deliver(answer);
  }

  async #sign(answer: OwnAnswer, signer: ExchangeSigner): Promise<void> {
    this.#held ??= new Held();
    this.#held.isSigning = true;
    try {
      const signed = await signedAnswer(answer, signer);
      this.#held = undefined;
      if (!this.#isDone) this.#deliver(signed);
    } catch (error) {
      this.#deps.log.event('gateway.request_failed', { error, requestId: this.requestId });
      this.reason ??= 'the answer could not be signed';
      this.#cut();
    }
  }

  #deliver({ head, octets }: OwnAnswer): void {
    this.#status = head.status;
    this.#stream.answer(head);
    if (octets) this.#stream.write(octets);
    this.answerComplete([]);
    this.answerFlush();
  }

  #refuse(error: unknown): void {
    this.#call?.abort();
    this.#call = undefined;
    if (this.#isDone || this.#held?.isSigning) return;
    if (this.#held?.answer) this.#bytesOut = 0; // none of them reached the client
    this.#held = undefined;
    const problem = problemOf(this, error, this.#deps.log);
    const { status, code } = problem;
    const challenge = status === 401 ? this.#deps.admission.challenge(code, this) : undefined;
    this.#answer(refusal(this, problem, challenge));
  }

  #limited(): ExchangeLimits {
    this.#limits ??= new ExchangeLimits(this.#deps.wheel, this.#settings, this);
    return this.#limits;
  }

  #watchTunnel(): void {
    if (!this.#trailers && !this.#isRequestSent) this.#limited().watchTunnel();
  }

  #closeTunnel(): void {
    this.#limited().closeTunnel();
    if (this.#trailers && this.#isRequestSent) this.#finish();
  }

  #cut(): void {
    if (this.#isDone) return;
    this.#stream.cut();
    this.#finish();
  }

  #finish(): void {
    this.#isDone = true;
    this.#limits?.end();
    this.#call?.abort();
    const measured = {
      route: this.route?.id,
      decision: this.decision,
      status: this.#status ?? CLIENT_GONE_STATUS,
      bytesIn: this.#bytesIn,
      bytesOut: this.#bytesOut,
      durationMs: performance.now() - this.#startedAt,
      upstreamMs: this.#upstreamMs,
    };
    this.#deps.counts.ended(measured);
    this.#deps.accessLog?.(accessRecord(this, measured));
    this.#stream.release();
  }
}
