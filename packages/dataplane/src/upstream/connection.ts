// One HTTP/1.1 connection to an upstream (RFC 9112 §9). It carries one request at a time. After any
// irregularity (an early answer, unexpected octets, a fault in the answer) it carries no other request.
import { Timer } from '../exchange/wheel.ts';
import type { FieldList, ResponseHead } from '../http1/messages.ts';
import { Outbox } from '../http1/outbox.ts';
import type { ResponseReader } from '../http1/response-reader.ts';
import { createResponseReader } from '../http1/response-reader.ts';
import type { Connection, ConnectionEvents } from '../transport/transport.ts';
import { LastAnswer } from './answer.ts';
import type { Upstream } from './call.ts';
import type { ConnectionOwner } from './connection-owner.ts';
import { DelayedFlush } from './delayed-flush.ts';
import { failed, timedOut } from './failure.ts';
import type { PendingCall } from './pending-call.ts';
import type { UpstreamDeps, UpstreamSettings } from './settings.ts';

// Shorter than the usual keep-alive time of servers, so that we do not use a connection that the server is
// closing.
const KEEP_ALIVE_MS = 4000;
const LIMITS = { maxHeadBytes: 64 * 1024, maxFields: 1000 };

export class UpstreamConnection implements ConnectionEvents {
  readonly #owner: ConnectionOwner<UpstreamConnection>;
  readonly #deps: UpstreamDeps;
  readonly #settings: UpstreamSettings;
  readonly #socket: Connection;
  readonly #reader: ResponseReader;
  readonly #outbox: Outbox;
  readonly #bodyFlush: DelayedFlush;
  readonly #timer = new Timer(() => this.#tooLate());
  #call: PendingCall | undefined;
  #state: 'connecting' | 'open' | 'gone' = 'connecting';
  #uses = 0;
  /** Whether an octet of the answer has arrived. */
  #hasBegun = false;
  #head: ResponseHead | undefined;
  readonly #lastAnswer = new LastAnswer();
  #requestSent = false;
  #answered = false;
  #isTunnel = false;
  #isHeadSent = false;
  #reusable = true;
  #paused = false;

  constructor(
    upstream: Upstream,
    owner: ConnectionOwner<UpstreamConnection>,
    { deps, settings }: UpstreamParts,
  ) {
    this.#owner = owner;
    this.#deps = deps;
    this.#settings = settings;
    this.#reader = createResponseReader(LIMITS, {
      information: (head) => this.#readInformation(head),
      head: (head) => this.#readHead(head),
      body: (octets) => this.#call?.events.answerBody(octets),
      complete: (trailers) => this.#readEnd(trailers),
    });
    deps.wheel.set(this.#timer, upstream.target.connectSeconds * 1000);
    const reads = deps.paused.areMany ? 'small' : 'ordinary';
    this.#socket = deps.transport.connect(upstream.target, this, reads);
    this.#outbox = new Outbox(this.#socket);
    this.#bodyFlush = new DelayedFlush(this.#outbox, () => this.#flushBody());
  }

  /** Whether it has carried no request yet. */
  get isNew(): boolean {
    return this.#uses === 0;
  }

  /** Sends the head of a request; `write`, `finish` and `flush` follow. Only after `ready`. */
  carry(call: PendingCall): void {
    const { id, template } = call.request;
    const { method, body, isWebSocket } = template;
    this.#call = call;
    this.#uses += 1;
    this.#hasBegun = false;
    this.#head = undefined;
    this.#answered = false;
    this.#requestSent = false;
    this.#isHeadSent = false;
    this.#reusable = template.mayCarryMore;
    this.#reader.expect(isWebSocket ? 'websocket' : method === 'HEAD' ? 'HEAD' : 'other');
    this.#outbox.head(template.head(id), body === 'unknown');
    if (isWebSocket) this.#limit(this.#settings.firstByteSeconds);
    else this.#deps.wheel.clear(this.#timer);
    call.assign(this);
  }

  write(octets: Uint8Array): void {
    this.#outbox.body(octets);
  }

  finish(trailers: FieldList): void {
    this.#outbox.finish(trailers);
    this.#requestSent = true;
    if (this.#isTunnel) {
      this.#outbox.flush();
      this.#socket.end();
    } else if (!this.#head && this.#state === 'open') {
      this.#limit(this.#settings.firstByteSeconds);
    }
  }

  flush(): boolean {
    if (!this.#isHeadSent || this.#isTunnel) {
      this.#isHeadSent = true;
      return this.#flushNow();
    }
    // A request without a body was complete with its head.
    return this.#outbox.isEmpty ? this.#outbox.isClear : this.#bodyFlush.request();
  }

  #flushBody(): void {
    if (this.#state === 'open' && this.#flushNow()) this.#call?.events.requestDrained();
  }

  #flushNow(): boolean {
    const clear = this.#outbox.flush();
    // If the upstream does not read the body, it has the same time limit as for an answer.
    const { firstByteSeconds, stallSeconds } = this.#settings;
    if (!clear && !this.#requestSent && !this.#isTunnel)
      this.#limit(Math.max(firstByteSeconds, stallSeconds));
    return clear;
  }

  pause(): void {
    if (!this.#paused && this.#state === 'open') this.#deps.paused.add();
    this.#paused = true;
    this.#socket.pause();
    if (this.#head) this.#deps.wheel.clear(this.#timer);
  }

  resume(): void {
    if (!this.#paused) return;
    this.#unpause();
    if (this.#head && !this.#isTunnel) this.#limit(this.#settings.stallSeconds);
    this.#socket.resume();
  }

  destroy(): void {
    this.#leave();
    this.#socket.destroy();
  }

  opened(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'open';
    this.#rest();
  }

  data(octets: Uint8Array): void {
    const call = this.#call;
    if (!call) {
      this.destroy();
      return;
    }
    this.#hasBegun = true;
    if (this.#isTunnel) call.events.answerBody(octets);
    else this.#read(octets);
    if (this.#answered && !this.#isTunnel) this.#settle();
    call.events.answerFlush();
  }

  drained(): void {
    this.#outbox.drained();
    if (!this.#requestSent && !this.#head) this.#deps.wheel.clear(this.#timer);
    this.#call?.events.requestDrained();
  }

  ended(): void {
    const call = this.#call;
    if (!call || !this.#hasBegun) {
      this.#lost(new Error('the upstream closed the connection'));
      return;
    }
    if (this.#isTunnel) {
      call.events.answerComplete([]);
      call.events.answerFlush();
      return;
    }
    this.#reusable = false;
    try {
      this.#reader.end();
    } catch (error) {
      this.#lost(error as Error);
      return;
    }
    if (!this.#answered) {
      this.#lost(new Error('the upstream closed the connection before its answer was complete'));
      return;
    }
    this.#settle();
    call.events.answerFlush();
  }

  closed(error: Error | undefined): void {
    this.#lost(error ?? new Error('the upstream closed the connection'));
  }

  #read(octets: Uint8Array): void {
    let at = 0;
    try {
      while (at < octets.length && !this.#answered && !this.#isTunnel && this.#state === 'open') {
        at += this.#reader.read(at === 0 ? octets : octets.subarray(at));
      }
    } catch (error) {
      this.#lost(error as Error);
      return;
    }
    if (this.#isTunnel && at < octets.length) this.#call?.events.answerBody(octets.subarray(at));
    else if (at < octets.length) this.#reusable = false;
    if (this.#head && !this.#answered && !this.#paused && !this.#isTunnel) {
      this.#limit(this.#settings.stallSeconds);
    }
  }

  #readInformation({ status, fields }: ResponseHead): void {
    // We never send Expect: 100-continue, because we send every body at once.
    if (status !== 100) this.#call?.events.answerInformation(status, fields);
  }

  /** Throws an Error with the reason if the answer must not be passed on. */
  #readHead(head: ResponseHead): void {
    const call = this.#call;
    if (!call) return;
    const answer = this.#lastAnswer.of(head, call.request.template.method);
    this.#head = head;
    this.#isTunnel = head.status === 101;
    if (!head.keepAlive || this.#isTunnel) this.#reusable = false;
    if (this.#isTunnel) this.#deps.wheel.clear(this.#timer);
    call.events.answerHead(answer);
  }

  #readEnd(trailers: FieldList): void {
    if (this.#isTunnel) return;
    this.#answered = true;
    this.#call?.events.answerComplete(trailers);
  }

  /** The answer is complete. The connection takes another request, or closes. */
  #settle(): void {
    const call = this.#call;
    if (!call) return;
    this.#call = undefined;
    call.settle();
    if (this.#reusable && this.#requestSent && this.#outbox.isClear) this.#rest();
    else this.destroy();
  }

  #rest(): void {
    if (this.#paused) this.resume();
    this.#head = undefined;
    this.#limit(KEEP_ALIVE_MS / 1000);
    this.#owner.ready(this);
  }

  #lost(error: Error): void {
    const call = this.#call;
    const retry = call && this.#uses > 1 && !this.#hasBegun && call.mayRepeat();
    if (this.#state === 'connecting') this.#owner.failedToOpen(failed(error));
    this.destroy();
    if (!call) return;
    if (retry) this.#owner.repeat(call);
    else call.fail(failed(error));
  }

  #tooLate(): void {
    const call = this.#call;
    if (this.#state === 'connecting') this.#owner.failedToOpen(timedOut());
    this.destroy();
    call?.fail(timedOut());
  }

  #limit(seconds: number): void {
    this.#deps.wheel.set(this.#timer, seconds * 1000);
  }

  #unpause(): void {
    if (this.#paused && this.#state === 'open') this.#deps.paused.remove();
    this.#paused = false;
  }

  #leave(): void {
    if (this.#state === 'gone') return;
    this.#unpause();
    this.#state = 'gone';
    this.#call = undefined;
    this.#deps.wheel.clear(this.#timer);
    this.#owner.gone(this);
  }
}

interface UpstreamParts {
  deps: UpstreamDeps;
  settings: UpstreamSettings;
}
