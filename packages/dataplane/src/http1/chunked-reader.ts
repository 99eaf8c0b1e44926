// Reads a body in chunks (RFC 9112 §7.1). Refuses sizes with a sign, a prefix or white space, a bare CR or
// LF, invalid or very long extensions, and trailers for framing or routing (RFC 9110 §6.5.1). Drops
// extensions.
import { Http1Error } from './errors.ts';
import type { HeadRules } from './head-reader.ts';
import { HeadReader } from './head-reader.ts';
import { COOKIE, FIELD_NAMES, OTHER } from './known-fields.ts';
import type { FieldList } from './messages.ts';
import { CR, LF, TEXT, TOKEN } from './octets.ts';

const MAX_SIZE_DIGITS = 12;
/** Octets of all extensions in a body. */
const MAX_EXTENSION_BYTES = 4096;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** The values of hexadecimal digits; 16 for everything else. */
const HEX = Uint8Array.from({ length: 256 }, (_, octet) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(octet).toLowerCase());
  return digit < 0 ? 16 : digit;
});

// The part of the message that the next octet belongs to.
const SIZE = 0;
const EXTENSION_NAME = 1;
const EXTENSION_VALUE = 2;
const QUOTED = 3;
const QUOTED_PAIR = 4;
const AFTER_QUOTED = 5;
const SIZE_LF = 6;
const DATA = 7;
const DATA_CR = 8;
const DATA_LF = 9;
const TRAILERS = 10;

export class ChunkedReader {
  isComplete = false;
  #state = SIZE;
  #size = 0;
  #digits = 0;
  /** Octets in the current name or value of an extension. */
  #itemBytes = 0;
  #extensionBytes = 0;
  readonly #rules: HeadRules;
  readonly #body: (octets: Uint8Array) => void;
  readonly #trailers: HeadReader;

  constructor(rules: HeadRules, body: (octets: Uint8Array) => void) {
    this.#rules = rules;
    this.#body = body;
    this.#trailers = new HeadReader({ ...rules, single: [] });
  }

  get trailers(): FieldList {
    return this.#trailers.section.fields;
  }

  restart(): void {
    this.isComplete = false;
    this.#state = SIZE;
    this.#size = 0;
    this.#digits = 0;
    this.#extensionBytes = 0;
    this.#trailers.restart();
  }

  /**
   * Reads from `start` to the end of the body or of the octets. Returns that position.
   * @throws Http1Error
   */
  read(octets: Uint8Array, start: number): number {
    let at = start;
    while (at < octets.length && !this.isComplete) {
      if (this.#state === DATA) at = this.#data(octets, at);
      else if (this.#state === TRAILERS) at = this.#trailer(octets, at);
      else this.#framing(octets[at++] as number);
    }
    return at;
  }

  #data(octets: Uint8Array, start: number): number {
    const end = Math.min(octets.length, start + this.#size);
    this.#size -= end - start;
    if (this.#size === 0) this.#state = DATA_CR;
    this.#body(start === 0 && end === octets.length ? octets : octets.subarray(start, end));
    return end;
  }

  #trailer(octets: Uint8Array, start: number): number {
    const { section } = this.#trailers;
    const end = this.#trailers.read(octets, start);
    if (!section.isComplete) return end;
    for (let field = OTHER + 1; field < FIELD_NAMES.length; field++) {
      // It is harmless, and is not forwarded.
      if (field === COOKIE) continue;
      if (section.value(field) !== undefined) throw this.#bad(`A trailer cannot be ${FIELD_NAMES[field]}.`);
    }
    this.isComplete = true;
    return end;
  }

  #framing(octet: number): void {
    switch (this.#state) {
      case SIZE:
        this.#sizeDigit(octet);
        break;
      case SIZE_LF:
        if (octet !== LF) throw this.#bad('The size of a chunk must end with CR and LF.');
        this.#digits = 0;
        this.#state = this.#size === 0 ? TRAILERS : DATA;
        break;
      case DATA_CR:
        if (octet !== CR) throw this.#bad('A chunk is longer than its size says.');
        this.#state = DATA_LF;
        break;
      case DATA_LF:
        if (octet !== LF) throw this.#bad('A chunk must end with CR and LF.');
        this.#state = SIZE;
        break;
      default:
        this.#extensionBytes++;
        if (this.#extensionBytes > MAX_EXTENSION_BYTES) throw this.#bad('The chunk extensions are too long.');
        this.#extension(octet);
    }
  }

  #sizeDigit(octet: number): void {
    const digit = HEX[octet] as number;
    if (digit < 16) {
      this.#size = this.#size * 16 + digit;
      this.#digits++;
      if (this.#digits > MAX_SIZE_DIGITS) throw this.#bad('The size of a chunk is too large.');
      return;
    }
    if (this.#digits === 0) throw this.#bad('A chunk has no size.');
    this.#afterItem(octet);
  }

  /** After the size or an extension: another extension, or the end of the line. */
  #afterItem(octet: number): void {
    if (octet === CR) this.#state = SIZE_LF;
    else if (octet === SEMICOLON) this.#expectItem(EXTENSION_NAME);
    else throw this.#bad('The size or an extension of a chunk has a character that is not allowed in it.');
  }

  #expectItem(state: number): void {
    this.#state = state;
    this.#itemBytes = 0;
  }

  #extension(octet: number): void {
    if (this.#state === QUOTED || this.#state === QUOTED_PAIR) this.#quoted(octet);
    else if (this.#state === AFTER_QUOTED) this.#afterItem(octet);
    else if (TOKEN[octet] === 1) this.#itemBytes++;
    else if (this.#itemBytes === 0) this.#openQuote(octet);
    else if (octet === EQUALS && this.#state === EXTENSION_NAME) this.#expectItem(EXTENSION_VALUE);
    else this.#afterItem(octet);
  }

  #openQuote(octet: number): void {
    if (octet !== QUOTE || this.#state !== EXTENSION_VALUE)
      throw this.#bad('A chunk extension is not valid.');
    this.#state = QUOTED;
  }

  #quoted(octet: number): void {
    if (TEXT[octet] !== 1) throw this.#bad('A chunk extension contains a control character.');
    if (this.#state === QUOTED_PAIR) this.#state = QUOTED;
    else if (octet === BACKSLASH) this.#state = QUOTED_PAIR;
    else if (octet === QUOTE) this.#state = AFTER_QUOTED;
  }

  #bad(message: string): Http1Error {
    return new Http1Error(this.#rules.code, message);
  }
}
