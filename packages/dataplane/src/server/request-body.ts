// The body of the current request, or the octets of a tunnel. They wait until the exchange takes them.
import type { StreamEvents } from '../exchange/client-stream.ts';
import type { FieldList } from '../http1/messages.ts';

export class RequestBody {
  /** Whether the whole request has arrived. */
  isRead = false;
  /** Whether the exchange takes the body. */
  isTaken = false;
  #trailers: FieldList = [];
  /** Parts that arrived before the exchange took them. */
  #held: Uint8Array[] = [];

  /** Whether some of it waits. */
  get isHeld(): boolean {
    return this.#held.length > 0;
  }

  /** A part, borrowed until `keep`. */
  part(octets: Uint8Array, exchange: StreamEvents | undefined): void {
    if (this.isTaken) exchange?.requestBody(octets);
    else this.#held.push(octets);
  }

  complete(trailers: FieldList, exchange: StreamEvents | undefined): void {
    this.isRead = true;
    if (this.isTaken) exchange?.requestComplete(trailers);
    else this.#trailers = trailers;
  }

  /** Copies borrowed octets. */
  keep(): void {
    if (this.#held.length > 0) this.#held = [Buffer.concat(this.#held)];
  }

  /** Gives the received octets to the exchange. */
  deliver(exchange: StreamEvents): void {
    for (const octets of this.#held) exchange.requestBody(octets);
    this.#held = [];
    if (this.isRead) exchange.requestComplete(this.#trailers);
  }

  /** The exchange is over, and takes no more octets. */
  end(): void {
    this.isTaken = false;
    if (this.#held.length > 0) this.#held = [];
  }
}
