// Reads one message of Binary HTTP (RFC 9292), part after part. `Kind` has the differences between requests
// and responses.
import { announcedLength, checkField } from './field-rules.ts';
import { Input } from './input.ts';
import type { BinaryFields } from './message.ts';
import { invalidMessage, largeMessage, truncatedMessage } from './message.ts';

/** How much of a message a reader holds in memory. */
export interface BinaryReadLimits {
  /** Octets of control data and fields together, also in informational responses and trailers. */
  maxHeadBytes: number;
  maxFields: number;
  /** Octets of padding. */
  maxPaddingBytes: number;
}

/** The callbacks of a reader. */
export interface BinaryEvents<Head> {
  /** `length` is that of the content; undefined if it is not known yet. */
  head(head: Head, length: number | undefined): void;
  /** An informational response (1xx). */
  information?(head: Head): void;
  /** A part of the content. The octets are valid only during the call. */
  content(octets: Uint8Array): void;
  /** The message is complete, with these trailers. */
  complete(trailers: BinaryFields): void;
}

/**
 * Reads one message, in pieces of any length.
 */
export interface BinaryReader {
  /** Takes the next octets. Throws `BinaryHttpError`, and must not be used after that. */
  read(octets: Uint8Array): void;
  /** Ends the message. Throws `BinaryHttpError` if it is not complete. */
  end(): void;
}

/** The differences between requests and responses. */
export interface Kind<Head> {
  known: number;
  indeterminate: number;
  /** The control data, or undefined if it is not complete. */
  control(input: Input): Head | undefined;
  isFinal(head: Head): boolean;
}

type State = 'framing' | 'control' | 'headers' | 'content' | 'trailers' | 'padding';

export class MessageReader<Head extends { fields: BinaryFields }> implements BinaryReader {
  readonly #kind: Kind<Head>;
  readonly #limits: BinaryReadLimits;
  readonly #events: BinaryEvents<Head>;
  readonly #input = new Input();
  #state: State = 'framing';
  #isKnown = true;
  #head: Head | undefined;
  #trailers: BinaryFields = [];
  /** The remaining octets of the current part; undefined before its length is known. */
  #left: number | undefined;
  /** The announced length of the content, and the received length. */
  #announced: number | undefined;
  #contentBytes = 0;
  #headBytes = 0;
  #fieldCount = 0;
  #paddingBytes = 0;

  constructor(kind: Kind<Head>, limits: BinaryReadLimits, events: BinaryEvents<Head>) {
    this.#kind = kind;
    this.#limits = limits;
    this.#events = events;
  }

  read(octets: Uint8Array): void {
    const input = this.#input;
    input.add(octets);
    for (let before = -1; input.left > 0 && before !== input.left; ) {
      before = input.left;
      const at = input.at;
      const state = this.#state;
      this.#step();
      if (state !== 'content' && state !== 'padding') this.#countHead(input.at - at);
      if (this.#state !== state) before = -1;
    }
    if (this.#state !== 'content' && this.#state !== 'padding') this.#limitHead(input.left);
    input.keep();
  }

  end(): void {
    if (this.#isMidway || this.#state === 'framing' || this.#state === 'control') throw truncatedMessage();
    if (this.#state === 'headers') {
      if (!this.#isFinal()) throw truncatedMessage();
      this.#endHeaders(0);
    }
    if (this.#state === 'content') this.#endContent();
    if (this.#state === 'trailers') this.#endTrailers();
  }

  /** Whether a part has begun and is not complete. */
  get #isMidway(): boolean {
    if (this.#input.left > 0 || this.#left !== undefined) return true;
    if (this.#isKnown) return false;
    if (this.#state === 'headers') return this.#head?.fields.length !== 0;
    if (this.#state === 'content') return this.#contentBytes > 0;
    return this.#state === 'trailers' && this.#trailers.length > 0;
  }

  #step(): void {
    if (this.#state === 'framing') this.#readFraming();
    else if (this.#state === 'control') this.#readControl();
    else if (this.#state === 'headers') this.#readSection((this.#head as Head).fields);
    else if (this.#state === 'content') this.#readContent();
    else if (this.#state === 'trailers') this.#readSection(this.#trailers);
    else this.#readPadding();
  }

  #readFraming(): void {
    const framing = this.#input.number();
    if (framing === undefined) return;
    if (framing !== this.#kind.known && framing !== this.#kind.indeterminate) {
      throw invalidMessage('The framing indicator is not the expected one.');
    }
    this.#isKnown = framing === this.#kind.known;
    this.#state = 'control';
  }

  #readControl(): void {
    const { at } = this.#input;
    const head = this.#kind.control(this.#input);
    if (head === undefined) {
      this.#input.at = at;
      return;
    }
    this.#head = head;
    this.#state = 'headers';
  }

  #readSection(fields: BinaryFields): void {
    if (this.#isKnown) this.#readKnownSection(fields);
    else this.#readFieldLines(fields);
  }

  #readKnownSection(fields: BinaryFields): void {
    if (this.#left === undefined) {
      const length = this.#input.number();
      if (length === undefined) return;
      this.#limitHead(length);
      this.#left = length;
    }
    while (this.#left > 0) {
      const { at } = this.#input;
      if (!this.#readFieldLine(fields)) return;
      this.#left -= this.#input.at - at;
      if (this.#left < 0) throw invalidMessage('A field is longer than its section.');
    }
    this.#endSection();
  }

  #readFieldLines(fields: BinaryFields): void {
    while (this.#input.left > 0) {
      if (this.#input.octets[this.#input.at] === 0) {
        this.#input.at += 1;
        this.#endSection();
        return;
      }
      if (!this.#readFieldLine(fields)) return;
    }
  }

  /** False if more octets are needed. */
  #readFieldLine(fields: BinaryFields): boolean {
    const { at } = this.#input;
    const name = this.#input.text();
    const value = name === undefined ? undefined : this.#input.text();
    if (name === undefined || value === undefined) {
      this.#input.at = at;
      return false;
    }
    this.#fieldCount += 1;
    if (this.#fieldCount > this.#limits.maxFields) throw largeMessage('The message has too many fields.');
    checkField(name, value);
    fields.push(name, value);
    return true;
  }

  #endSection(): void {
    this.#left = undefined;
    if (this.#state === 'trailers') this.#endTrailers();
    else if (this.#isFinal() && this.#isKnown) this.#state = 'content';
    else this.#endHeaders(undefined);
  }

  #isFinal(): boolean {
    return this.#kind.isFinal(this.#head as Head);
  }

  /** In a message of known length, the head is complete when the length of the content is known. */
  #endHeaders(length: number | undefined): void {
    const head = this.#head as Head;
    if (!this.#isFinal()) {
      this.#events.information?.(head);
      this.#state = 'control';
      return;
    }
    this.#announced = announcedLength(head.fields);
    if (length !== undefined) this.#checkLength(length);
    this.#state = 'content';
    this.#head = undefined;
    this.#events.head(head, length ?? this.#announced);
  }

  #readContent(): void {
    if (this.#left === undefined) {
      const length = this.#input.number();
      if (length === undefined) return;
      if (this.#head) this.#endHeaders(length);
      if (length === 0) {
        this.#endContent();
        return;
      }
      this.#left = length;
    }
    const part = this.#input.part(this.#left);
    this.#left -= part.length;
    this.#contentBytes += part.length;
    if (this.#announced !== undefined && this.#contentBytes > this.#announced) throw otherLength();
    if (part.length > 0) this.#events.content(part);
    if (this.#left > 0) return;
    this.#left = undefined;
    if (this.#isKnown) this.#endContent();
  }

  #endContent(): void {
    if (this.#head) this.#endHeaders(0);
    this.#checkLength(this.#contentBytes);
    this.#state = 'trailers';
  }

  #endTrailers(): void {
    this.#state = 'padding';
    this.#events.complete(this.#trailers);
  }

  #readPadding(): void {
    const padding = this.#input.part(this.#input.left);
    this.#paddingBytes += padding.length;
    if (this.#paddingBytes > this.#limits.maxPaddingBytes) throw largeMessage('The padding is too long.');
    if (padding.some((octet) => octet !== 0)) throw invalidMessage('Octets follow the message.');
  }

  /** RFC 9113 §8.1.1. */
  #checkLength(length: number): void {
    if (this.#announced !== undefined && this.#announced !== length) throw otherLength();
  }

  #countHead(octets: number): void {
    this.#headBytes += octets;
    this.#limitHead(0);
  }

  #limitHead(more: number): void {
    if (this.#headBytes + more > this.#limits.maxHeadBytes) throw largeMessage('The head is too large.');
  }
}

function otherLength(): Error {
  return invalidMessage('Content-Length is not the length of the content.');
}
