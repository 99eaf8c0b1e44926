// On a persistent connection, most heads have the same octets as the previous one. Then the earlier result is
// used, and the head is not read again.

// These accept any Uint8Array. Unlike `set`, they need no views of its parts.
const { compare, copy } = Buffer.prototype as unknown as {
  compare(
    this: Uint8Array,
    target: Uint8Array,
    start: number,
    end: number,
    ownStart: number,
    ownEnd: number,
  ): number;
  copy(this: Uint8Array, target: Uint8Array, at: number, start: number, end: number): number;
};

/** Longer heads are rare, and would need much memory on many connections. */
const MAX_OCTETS = 2048;

export class RepeatedHead<Head> {
  #octets = new Uint8Array(0);
  /** 0: nothing is remembered. */
  #length = 0;
  #head: Head | undefined;

  /** The length of the remembered head. */
  get length(): number {
    return this.#length;
  }

  /** The remembered head, if `octets` begin with it. */
  recall(octets: Uint8Array, start: number): Head | undefined {
    const length = this.#length;
    if (length === 0 || octets.length - start < length) return undefined;
    // Heads with different credentials usually differ here, so this check is fast.
    const middle = length >> 1;
    if (octets[start + middle] !== this.#octets[middle]) return undefined;
    const isSame = compare.call(octets, this.#octets, 0, length, start, start + length) === 0;
    return isSame ? this.#head : undefined;
  }

  /** `head` was read from exactly these octets. */
  remember(octets: Uint8Array, start: number, end: number, head: Head): void {
    const length = end - start;
    this.#length = length > MAX_OCTETS ? 0 : length;
    if (this.#length === 0) return;
    if (this.#octets.length < length) this.#octets = new Uint8Array(length + (length >> 2));
    copy.call(octets, this.#octets, 0, start, end);
    this.#head = head;
  }
}
