// The received octets of one message, within the budget of the process.
import { GatehouseError } from '@gatehouse/access';
import { CollectedBytes } from '@gatehouse/protocol';
import type { OctetBudget } from './octet-budget.ts';

export class HeldOctets {
  readonly #budget: OctetBudget;
  readonly #party: string;
  readonly #maxBytes: number;
  readonly #collected = new CollectedBytes();
  /** The octets taken from the budget. */
  #taken = 0;

  constructor(budget: OctetBudget, party: string, maxBytes: number) {
    this.#budget = budget;
    this.#party = party;
    this.#maxBytes = maxBytes;
  }

  /** Copies borrowed octets. Throws `content_too_large` or `unavailable`. */
  add(octets: Uint8Array): void {
    if (this.#taken + octets.length > this.#maxBytes) throw tooLarge(this.#maxBytes);
    if (!this.#budget.take(this.#party, octets.length)) {
      throw new GatehouseError(
        'unavailable',
        'The gateway is handling too many sealed messages at the moment: try again soon.',
      );
    }
    this.#taken += octets.length;
    this.#collected.add(octets);
  }

  /** The whole message in one buffer. Call it once. */
  whole(): Uint8Array {
    return this.#collected.take();
  }

  /** Releases the memory. */
  release(): void {
    this.#budget.release(this.#party, this.#taken);
    this.#collected.take();
    this.#taken = 0;
  }
}

export function tooLarge(maxBytes: number): GatehouseError {
  return new GatehouseError('content_too_large', `A sealed message may have ${maxBytes} bytes.`);
}
