// One request and the header of its answer, directly on undici's dispatch: no stream, listener or timer for
// each request.
import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { abortWith } from '../http/deadline.ts';
import { createInterimLimit, type Explain, type Progress } from '../report-errors.ts';
import { IncomingBody } from './incoming-body.ts';
import type { ProgressCounter } from './progress-counter.ts';

/** The header of an answer. */
export interface Answer {
  status: number;
  statusText: string;
  /** Names in lower case. */
  fields: Readonly<Record<string, string | string[] | undefined>>;
  body: IncomingBody;
}

/** Sends a request. Rejects with the result of `explain` for an error, or with the reason of the signal. */
export function exchange(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal,
  explain: Explain,
  watchers: Watchers = NO_WATCHERS,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const handler = new Exchange(options, explain, { resolve, reject, watchers });
    if (signal.aborted) return handler.abort(signal.reason);
    handler.follow(signal);
    dispatcher.dispatch(options, handler);
  });
}

/** Observers of the exchange. */
export interface Watchers {
  progress?: ProgressCounter | undefined;
  /** The request is sent on its connection. */
  sent?(): void;
}

const NO_WATCHERS: Watchers = {};

interface Outcome {
  resolve(answer: Answer): void;
  reject(reason: unknown): void;
  watchers: Watchers;
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #options: Dispatcher.DispatchOptions;
  readonly #explain: Explain;
  readonly #outcome: Outcome;
  #progress: Progress = 'connecting';
  #controller: Dispatcher.DispatchController | undefined;
  #body: IncomingBody | undefined;
  #total: number | undefined;
  #release = () => {};
  #aborted = false;
  #oneMore: ReturnType<typeof createInterimLimit> | undefined;
  #reason: unknown;

  constructor(options: Dispatcher.DispatchOptions, explain: Explain, outcome: Outcome) {
    this.#options = options;
    this.#explain = explain;
    this.#outcome = outcome;
  }

  follow(signal: AbortSignal): void {
    this.#release = abortWith(signal, this);
  }

  /** Ends the request and its connection. */
  abort(reason: unknown): void {
    this.#aborted = true;
    this.#reason = reason;
    this.#fail(reason);
    this.#controller?.abort(reason as Error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#progress = 'sent';
    this.#outcome.watchers.sent?.();
    if (this.#aborted) controller.abort(this.#reason as Error);
  }

  onBodySent(chunk: string | Buffer): void {
    this.#outcome.watchers.progress?.sent(Buffer.byteLength(chunk));
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    fields: Answer['fields'],
    statusText = '',
  ): void {
    if (status < 200) {
      this.#oneMore ??= createInterimLimit(this.#options.origin);
      const tooMany = this.#oneMore();
      if (tooMany !== undefined) this.abort(tooMany);
      return;
    }
    if (this.#aborted) return;
    this.#progress = 'answered';
    this.#explain.answered();
    this.#body = new IncomingBody(controller);
    const length = fields['content-length'];
    if (this.#outcome.watchers.progress !== undefined && length !== undefined) this.#total = Number(length);
    this.#outcome.resolve({ status, statusText, fields, body: this.#body });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#outcome.watchers.progress?.received(chunk.length, this.#total);
    this.#body?.receive(chunk);
  }

  onResponseEnd(): void {
    this.#release();
    this.#body?.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(
      this.#aborted ? this.#reason : this.#explain.error(error, this.#progress, this.#options.origin),
    );
  }

  #fail(error: unknown): void {
    this.#release();
    if (this.#body === undefined) this.#outcome.reject(error);
    else this.#body.fail(error);
    const { body } = this.#options;
    if (body instanceof Readable && !body.destroyed) body.on('error', () => {}).destroy();
  }
}
