// Heads of earlier requests, on any connection. If the same octets come again, the earlier result is used,
// and the head is not read again. A proxy in front of the gateway sends the requests of many clients over few
// connections, so two consecutive heads are seldom the same.
import { CR, LF } from './octets.ts';

// This accepts any Uint8Array.
const { equals } = Buffer.prototype as unknown as { equals(this: Uint8Array, other: Uint8Array): boolean };

/** Longer heads are rare, and would need much memory. */
const MAX_OCTETS = 2048;
const MAX_HEADS = 2048;
/** A power of two. */
const SEEN = 8192;
const NO_KEY = -1;

interface Known<Head> {
  octets: Uint8Array;
  head: Head;
}

export class KnownHeads<Head> {
  readonly #checksum: (octets: Uint8Array) => number;
  readonly #known = new Map<number, Known<Head>>();
  /** Heads that came once. Most never come again, so a head is stored only at its second time. */
  readonly #seen = new Uint32Array(SEEN);

  /**
   * `checksum` returns a whole number, at least 0. Heads with the same checksum are distinguished by their
   * octets.
   */
  constructor(checksum: (octets: Uint8Array) => number) {
    this.#checksum = checksum;
  }

  /** The key of these octets for `find` and `add`. Negative unless they are exactly one short head. */
  keyOf(octets: Uint8Array): number {
    const { length } = octets;
    const isHead =
      length <= MAX_OCTETS &&
      octets[length - 1] === LF &&
      octets[length - 2] === CR &&
      octets[length - 3] === LF &&
      octets[length - 4] === CR;
    return isHead ? this.#checksum(octets) : NO_KEY;
  }

  /** The head from the same octets. */
  find(key: number, octets: Uint8Array): Head | undefined {
    if (key === NO_KEY) return undefined;
    const known = this.#known.get(key);
    return known && equals.call(octets, known.octets) ? known.head : undefined;
  }

  /** `head` was read from exactly these octets. */
  add(key: number, octets: Uint8Array, head: Head): void {
    if (key === NO_KEY) return;
    const place = key % SEEN;
    if (this.#seen[place] !== key) {
      this.#seen[place] = key;
      return;
    }
    if (this.#known.size >= MAX_HEADS) this.#known.clear();
    this.#known.set(key, { octets: Uint8Array.from(octets), head });
  }

  /** Removes all heads, because new limits may refuse a head that was accepted before. */
  clear(): void {
    this.#known.clear();
  }
}
