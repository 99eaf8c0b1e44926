// Reads the first line of a response (RFC 9112 §4). Refuses versions other than 1.1 and 1.0, a status outside
// of 100 to 599, and control octets in the reason phrase.
import { Http1Error } from './errors.ts';
import type { StartLine } from './head-reader.ts';
import { CR, LF, SPACE, TEXT } from './octets.ts';

/** Placeholders for the minor version and for a digit of the status: no octet is equal to them. */
const MINOR = 0x100;
const DIGIT = 0x101;
const FORM = Uint16Array.from('HTTP/1.\u0100 \u0101\u0101\u0101', (character) => character.charCodeAt(0));
const MINOR_PLACE = 7;
const STATUS = 9;
const ZERO = 0x30;
const NINE = 0x39;

export class StatusLine implements StartLine {
  status = 0;
  reason = '';
  version: '1.0' | '1.1' = '1.1';
  isComplete = false;
  #reasonStart = 0;
  #reasonEnd = 0;

  get hasBegun(): boolean {
    return this.isComplete;
  }

  restart(): void {
    this.isComplete = false;
  }

  scan(octets: Uint8Array, start: number): number {
    const { length } = octets;
    for (let index = 0; index < FORM.length; index++) {
      if (start + index === length) return start;
      const octet = octets[start + index] as number;
      const form = FORM[index];
      if (octet === form) continue;
      const isVariable = form === DIGIT ? octet >= ZERO && octet <= NINE : form === MINOR && isMinor(octet);
      if (!isVariable) throw bad('The status line is not valid.');
    }
    let at = start + FORM.length;
    if (at === length) return start;
    // Many servers leave out the space before an empty phrase.
    if (octets[at] === SPACE) at++;
    else if (octets[at] !== CR) throw bad('The status is not a number of three digits.');
    const reasonStart = at;
    while (at < length && TEXT[octets[at] as number] === 1) at++;
    if (at === length) return start;
    if (octets[at] !== CR) throw bad('The reason phrase contains a control character or a bare LF.');
    if (at + 1 === length) return start;
    if (octets[at + 1] !== LF) throw bad('The status line contains a bare CR.');
    this.#reasonStart = reasonStart;
    this.#reasonEnd = at;
    this.#take(octets, start);
    return at + 2;
  }

  take(text: string, base: number): void {
    this.reason = text.slice(this.#reasonStart - base, this.#reasonEnd - base);
  }

  #take(octets: Uint8Array, start: number): void {
    this.status =
      (octets[start + STATUS] as number) * 100 +
      (octets[start + STATUS + 1] as number) * 10 +
      (octets[start + STATUS + 2] as number) -
      ZERO * 111;
    if (this.status < 100 || this.status > 599) throw bad(`The status ${this.status} is not valid.`);
    this.version = octets[start + MINOR_PLACE] === ZERO ? '1.0' : '1.1';
    this.isComplete = true;
  }
}

function isMinor(octet: number): boolean {
  return octet === ZERO || octet === ZERO + 1;
}

function bad(message: string): Http1Error {
  return new Http1Error('upstream_failed', message);
}
