// The unread octets of a message, in pieces of any size.
import { largeMessage } from './message.ts';
import { readVarint, varintLength } from './varint.ts';

const NOTHING = new Uint8Array(0);

/** The unread octets. */
export class Input {
  octets: Uint8Array = NOTHING;
  at = 0;

  get left(): number {
    return this.octets.length - this.at;
  }

  add(octets: Uint8Array): void {
    const rest = this.octets.subarray(this.at);
    this.at = 0;
    if (rest.length === 0) {
      this.octets = octets;
      return;
    }
    const joined = new Uint8Array(rest.length + octets.length);
    joined.set(rest);
    joined.set(octets, rest.length);
    this.octets = joined;
  }

  /** Copies the unread octets, because the caller may reuse `octets`. */
  keep(): void {
    this.octets = Uint8Array.from(this.octets.subarray(this.at));
    this.at = 0;
  }

  /** The next integer, or undefined if it is not complete. */
  number(): number | undefined {
    const value = readVarint(this.octets, this.at);
    if (value !== undefined) this.at += varintLength(this.octets[this.at] as number);
    else if (this.left >= 8) throw largeMessage('A length is too large.');
    return value;
  }

  /** Reads a length and that many octets, as characters. Undefined if they are not complete. */
  text(): string | undefined {
    const start = this.at;
    const length = this.number();
    if (length === undefined || length > this.left) {
      this.at = start;
      return undefined;
    }
    const text = characters(this.octets, this.at, this.at + length);
    this.at += length;
    return text;
  }

  /** The available octets, up to `most`. */
  part(most: number): Uint8Array {
    const part = this.octets.subarray(this.at, this.at + Math.min(most, this.left));
    this.at += part.length;
    return part;
  }
}

/** Each octet becomes the character with the same number, as in HTTP/1.1. */
function characters(octets: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(octets[at] as number);
  return text;
}
