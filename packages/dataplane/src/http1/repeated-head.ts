// On a persistent connection, most heads are the same as the previous one, octet by octet. Then the earlier
// result is used, and the head is not read again.

// They take any Uint8Array, and need no views of its parts, as `set` would.
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

/** Longer heads are rare, and would take much memory on many connections. */
const MAX_OCTETS = 2048;

export class RepeatedHead<Head> {
  #octets = new Uint8Array(0);
  /** 0: nothing is remembered. */
  #length = 0;
  #head: Head | undefined;

  /** How many octets the remembered head has. */
  get length(): number {
    return this.#length;
  }

  /** The remembered head, if `octets` begin with it. */
  recall(octets: Uint8Array, start: number): Head | undefined {
    const length = this.#length;
    if (length === 0 || octets.length - start < length) return undefined;
    // Heads with another credential usually differ here, so this check is fast.
    const middle = length >> 1;
    if (octets[start + middle] !== this.#octets[middle]) return undefined;
    const isSame = compare.call(octets, this.#octets, 0, length, start, start + length) === 0;
    return isSame ? this.#head : undefined;
  }

  /** `head` was read from these octets, and from nothing else. */
  remember(octets: Uint8Array, start: number, end: number, head: Head): void {
    const length = end - start;
    this.#length = length > MAX_OCTETS ? 0 : length;
    if (this.#length === 0) return;
    if (this.#octets.length < length) this.#octets = new Uint8Array(length + (length >> 2));
    copy.call(octets, this.#octets, 0, start, end);
    this.#head = head;
  }
}
