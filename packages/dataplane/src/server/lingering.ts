// The end of a connection in stages (RFC 9112 §9.6): our side ends first. Then octets from the client are
// dropped for a while, so that a reset does not destroy the last answer.
import type { Timer, Wheel } from '../exchange/wheel.ts';
import type { Connection } from '../transport/transport.ts';

/** How long an ending connection waits for the other side, and how many octets it drops. */
const LINGER_MS = 5000;
const MAX_DROPPED_BYTES = 8 * 1024 * 1024;

export class Lingering {
  readonly #socket: Connection;
  #hasBegun = false;
  #dropped = 0;

  constructor(socket: Connection) {
    this.#socket = socket;
  }

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** When `timer` expires, the connection must be closed. */
  begin(wheel: Wheel, timer: Timer): void {
    this.#hasBegun = true;
    this.#socket.end();
    wheel.set(timer, LINGER_MS);
  }

  drop(octets: Uint8Array): void {
    this.#dropped += octets.length;
    if (this.#dropped > MAX_DROPPED_BYTES) this.#socket.destroy();
  }
}
