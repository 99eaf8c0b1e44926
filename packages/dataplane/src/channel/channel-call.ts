// One request to the encrypted endpoint of a route. It replaces a call of an upstream: it takes the whole
// body, and returns the endpoint's answer. If the upstream behind it fails, the request fails.
import type { EventLog } from '@gatehouse/access';
import {
  CollectedBytes,
  type EncryptedAnswer,
  type EncryptedEndpoint,
  type EncryptedFailure,
  type EncryptedReply,
  JsonBodyError,
  networkOf,
} from '@gatehouse/protocol';
import type { Counts } from '../counts/counts.ts';
import type { AdmissionState, Admitted } from '../exchange/admission.ts';
import type { FieldList } from '../http1/messages.ts';
import { reasonPhrase } from '../http1/writer.ts';
import type { Call, UpstreamEvents } from '../upstream/call.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import type { Buffers } from './buffers.ts';
import { CollectedAnswer } from './collected-answer.ts';
import { messageRequest } from './message-request.ts';

export interface ChannelRequest {
  state: AdmissionState;
  admitted: Admitted;
  events: UpstreamEvents;
}

export interface ChannelCallDeps {
  endpoint: EncryptedEndpoint;
  upstreams: Pick<Upstreams, 'send'>;
  log: EventLog;
  counts: Pick<Counts, 'outcome'>;
  buffers: Buffers;
  /** Of the body, and of the answer of the upstream. */
  maxBytes: number;
}

export class ChannelCall implements Call {
  readonly #request: ChannelRequest;
  readonly #deps: ChannelCallDeps;
  readonly #body = new CollectedBytes();
  /** The number of received octets, also above the limit. */
  #length = 0;
  /** How many octets of `buffers` it uses. */
  #taken = 0;
  #inner: Call | undefined;
  #collected: CollectedAnswer | undefined;
  #failure: Error | undefined;
  #isRefused = false;
  #isOver = false;

  constructor(request: ChannelRequest, deps: ChannelCallDeps) {
    this.#request = request;
    this.#deps = deps;
    // Without a body, the request ends here.
    if (request.state.request.isWebSocket) this.finish();
  }

  write(octets: Uint8Array): void {
    if (this.#isOver) return;
    this.#length += octets.length;
    if (this.#length > this.#deps.maxBytes) return;
    try {
      this.#deps.buffers.take(octets.length);
    } catch (error) {
      // Events always follow after the return.
      queueMicrotask(() => this.#fail(error as Error));
      return;
    }
    this.#taken += octets.length;
    this.#body.add(octets);
  }

  finish(): void {
    this.#run().then(
      (answer) => this.#answer(answer),
      (error: Error) => this.#fail(error),
    );
  }

  flush(): boolean {
    return true;
  }

  // The answer is small, so it is sent at once.
  pause(): void {}

  resume(): void {}

  abort(): void {
    this.#end();
    this.#inner?.abort();
    // An aborted call ends without an event.
    this.#collected?.release();
  }

  #run(): Promise<EncryptedAnswer> {
    const { request, client, principal } = this.#request.state;
    return this.#deps.endpoint.handle({
      method: request.method,
      address: networkOf(client.address),
      owner: principal && `${principal.kind} ${principal.name}`,
      body: () => this.#whole(),
      onMessage: (plaintext) => this.#deliver(plaintext),
      onFailure: (failure) => this.#refused(failure),
    });
  }

  /** Throws `JsonBodyError`. */
  #whole(): Uint8Array {
    if (this.#length <= this.#deps.maxBytes) return this.#body.take();
    throw new JsonBodyError('body_too_large', `The body must have at most ${this.#deps.maxBytes} bytes.`);
  }

  async #deliver(plaintext: Uint8Array): Promise<EncryptedReply> {
    const { state, admitted } = this.#request;
    const collected = new CollectedAnswer(this.#deps.maxBytes, this.#deps.buffers);
    const request = messageRequest(state, admitted, plaintext.length);
    const call = this.#deps.upstreams.send(admitted.upstream, request, collected);
    this.#inner = call;
    this.#collected = collected;
    if (plaintext.length > 0) call.write(plaintext);
    call.finish([]);
    call.flush();
    return collected.whole.finally(() => {
      // The rest of a refused answer is not read.
      if (!collected.isComplete) call.abort();
      this.#inner = undefined;
      collected.release();
    });
  }

  #refused({ reason, clientId, error }: EncryptedFailure): void {
    this.#isRefused = true;
    this.#deps.counts.outcome('channel', reason);
    if (error instanceof Error) this.#failure = error;
    else
      this.#deps.log.event('gateway.channel_refused', {
        reason,
        clientId,
        requestId: this.#request.state.requestId,
      });
  }

  #answer({ status, headers, body }: EncryptedAnswer): void {
    if (this.#failure) {
      this.#fail(this.#failure);
      return;
    }
    if (this.#isOver) return;
    if (!this.#isRefused) this.#deps.counts.outcome('channel', 'answered');
    this.#end();
    const { state, events } = this.#request;
    const isHead = state.request.method === 'HEAD';
    const fields: FieldList = Object.entries(headers).flat();
    events.answerHead({
      status,
      reason: reasonPhrase(status),
      fields,
      body: isHead ? 'none' : 'known',
      passed: undefined,
    });
    if (!isHead) events.answerBody(Buffer.from(body));
    events.answerComplete([]);
    events.answerFlush();
  }

  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#end();
    this.#request.events.answerFailed(error);
  }

  #end(): void {
    this.#isOver = true;
    this.#deps.buffers.release(this.#taken);
    this.#taken = 0;
    this.#body.take();
  }
}
