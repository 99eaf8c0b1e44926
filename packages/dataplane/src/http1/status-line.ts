// Reads the first line of a response (RFC 9112 §4). Refuses versions other than 1.1 and 1.0, a status outside
// of 100 to 599, and control octets in the reason phrase.
import { Http1Error } from './errors.ts';
import type { StartLine } from './head-reader.ts';
import { CR, LF, SPACE, TEXT } from './octets.ts';

/** `v` stands for the minor version, `d` for a digit of the status. */
const FORM = Uint8Array.from('HTTP/1.v ddd', (character) => character.charCodeAt(0));
const V = 0x76;
const D = 0x64;
const MINOR = 7;
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

  restart(): void {
    this.isComplete = false;
  }

  scan(octets: Uint8Array, start: number): number {
    const { length } = octets;
    for (let index = 0; index < FORM.length; index++) {
      if (start + index === length) return start;
      if (!fits(octets[start + index] as number, FORM[index] as number))
        throw bad('The status line is not valid.');
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
    const digit = (index: number) => (octets[start + STATUS + index] as number) - ZERO;
    this.status = digit(0) * 100 + digit(1) * 10 + digit(2);
    if (this.status < 100 || this.status > 599) throw bad(`The status ${this.status} is not valid.`);
    this.version = octets[start + MINOR] === ZERO ? '1.0' : '1.1';
    this.isComplete = true;
  }
}

function fits(octet: number, form: number): boolean {
  if (form === D) return octet >= ZERO && octet <= NINE;
  if (form === V) return octet === ZERO || octet === ZERO + 1;
  return octet === form;
}

function bad(message: string): Http1Error {
  return new Http1Error('upstream_failed', message);
}
