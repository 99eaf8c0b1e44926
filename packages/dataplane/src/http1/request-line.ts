// Reads the first line of a request (RFC 9112 §3), after at most one empty line (§2.2). Accepts only a token,
// a printable target and a version, with one space between them.
import { Http1Error } from './errors.ts';
import type { StartLine } from './head-reader.ts';
import { CR, LF, SPACE, TOKEN, VISIBLE } from './octets.ts';

const ONE = 0x31;
const ZERO = 0x30;
const VERSION = Uint8Array.from('HTTP/1.1\r\n', (character) => character.charCodeAt(0));
const MINOR_DIGIT = 7;

export class RequestLine implements StartLine {
  method = '';
  target = '';
  version: '1.0' | '1.1' = '1.1';
  isComplete = false;
  #hadEmptyLine = false;
  #methodStart = 0;
  #methodEnd = 0;
  #targetEnd = 0;

  get hasBegun(): boolean {
    return this.isComplete || this.#hadEmptyLine;
  }

  restart(): void {
    this.isComplete = false;
    this.#hadEmptyLine = false;
  }

  scan(octets: Uint8Array, start: number): number {
    const { length } = octets;
    let at = start;
    if (octets[at] === CR && !this.#hadEmptyLine) {
      if (at + 1 === length) return start;
      if (octets[at + 1] !== LF) throw bad('Lines must end with CR and LF.');
      this.#hadEmptyLine = true;
      at += 2;
    }
    const line = at;
    while (at < length && TOKEN[octets[at] as number] === 1) at++;
    if (at === length) return line;
    if (octets[at] !== SPACE || at === line) throw bad('A request must begin with a method and one space.');
    const methodEnd = at++;
    while (at < length && VISIBLE[octets[at] as number] === 1) at++;
    if (at === length) return line;
    const targetEnd = at++;
    if (octets[targetEnd] !== SPACE || targetEnd === methodEnd + 1)
      throw targetFlaw(octets[targetEnd] === CR);
    const end = this.#scanVersion(octets, at);
    if (end < 0) return line;
    this.#methodStart = line;
    this.#methodEnd = methodEnd;
    this.#targetEnd = targetEnd;
    this.isComplete = true;
    return end;
  }

  take(text: string, base: number): void {
    this.method = text.slice(this.#methodStart - base, this.#methodEnd - base);
    this.target = text.slice(this.#methodEnd + 1 - base, this.#targetEnd - base);
  }

  /** The position after the line; −1 if the line is not complete. */
  #scanVersion(octets: Uint8Array, start: number): number {
    for (let index = 0; index < VERSION.length; index++) {
      if (start + index === octets.length) return -1;
      const octet = octets[start + index];
      if (octet === VERSION[index]) continue;
      if (octet !== ZERO || index !== MINOR_DIGIT)
        throw bad('This server supports HTTP/1.1 and HTTP/1.0 only.');
    }
    this.version = octets[start + MINOR_DIGIT] === ONE ? '1.1' : '1.0';
    return start + VERSION.length;
  }
}

function targetFlaw(isLineEnd: boolean): Http1Error {
  if (isLineEnd) return bad('This server supports HTTP/1.1 and HTTP/1.0 only.');
  return bad('The request target is empty or has characters that are not allowed in it.');
}

function bad(message: string): Http1Error {
  return new Http1Error('bad_request', message);
}
