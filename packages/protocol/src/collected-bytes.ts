// Octets that come in parts, in one piece of memory that grows. A list of the parts would take a hundred
// times as much as the octets, if a client sends them one by one.
import type { Bytes } from './crypto/primitives.ts';

const NOTHING = new Uint8Array(0);
/** Of what has more than one part. */
const LEAST = 1024;

/**
 * Collects octets. What is added is copied.
 * @example
 * const collected = new CollectedBytes();
 * collected.add(part);
 * const all = collected.take();
 */
export class CollectedBytes {
  #memory: Bytes = NOTHING;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(octets: Uint8Array): void {
    const length = this.#length + octets.length;
    if (length > this.#memory.length) this.#grow(length);
    this.#memory.set(octets, this.#length);
    this.#length = length;
  }

  /** All of them, which are forgotten here. */
  take(): Bytes {
    const all = this.#memory.subarray(0, this.#length);
    this.#memory = NOTHING;
    this.#length = 0;
    return all;
  }

  /** Most messages have one part, and need no more than its length. */
  #grow(length: number): void {
    const room = this.#length === 0 ? length : Math.max(length, this.#memory.length * 2, LEAST);
    const memory = new Uint8Array(room);
    memory.set(this.#memory.subarray(0, this.#length));
    this.#memory = memory;
  }
}
