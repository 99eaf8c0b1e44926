// Collects octets in one growing buffer. A list of parts would need a hundred times as much memory if a
// client sends the octets one by one.
import type { Bytes } from './crypto/primitives.ts';

const NOTHING = new Uint8Array(0);
/** The first size of the buffer, for content with more than one part. */
const LEAST = 1024;

/**
 * Collects octets. Copies each part.
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

  /** Returns all octets, and removes them here. */
  take(): Bytes {
    const all = this.#memory.subarray(0, this.#length);
    this.#memory = NOTHING;
    this.#length = 0;
    return all;
  }

  /** Most messages have one part, and need only its length. */
  #grow(length: number): void {
    const room = this.#length === 0 ? length : Math.max(length, this.#memory.length * 2, LEAST);
    const memory = new Uint8Array(room);
    memory.set(this.#memory.subarray(0, this.#length));
    this.#memory = memory;
  }
}
