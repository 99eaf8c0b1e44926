// The measured values of an exchange, for the counts and the access log.
import type { EndedRequest } from '../counts/counts.ts';

/** For the log only: the client was already gone. */
const CLIENT_GONE_STATUS = 499;

export class Measured implements EndedRequest {
  route: string | undefined;
  decision: EndedRequest['decision'] = 'refused';
  /** The status of the answer, once its head was sent. */
  status = CLIENT_GONE_STATUS;
  bytesIn = 0;
  bytesOut = 0;
  durationMs = 0;
  upstreamMs: number | undefined;
  readonly #startedAt = performance.now();
  #sentAt = 0;

  /** The upstream has the request. */
  sent(): void {
    this.#sentAt = performance.now();
  }

  /** The upstream's answer begins. */
  answered(): void {
    this.upstreamMs = performance.now() - this.#sentAt;
  }

  ended({
    route,
    decision,
  }: {
    route: { id: string } | undefined;
    decision: EndedRequest['decision'];
  }): void {
    this.route = route?.id;
    this.decision = decision;
    this.durationMs = performance.now() - this.#startedAt;
  }
}
