// Reads the head of a message: a start line, then fields. The head may arrive in any number of parts. If it
// arrives in one part, it is decoded at once. Otherwise only the incomplete line is copied.
import { Http1Error } from './errors.ts';
import type { FieldRules } from './field-section.ts';
import { FieldSection } from './field-section.ts';
import { LF, latin1 } from './octets.ts';

export interface HeadRules extends FieldRules {
  maxHeadBytes: number;
}

/** The first line of a message. Trailers have none. */
export interface StartLine {
  readonly isComplete: boolean;
  /** Whether an octet of it, or of an empty line before it, was read. */
  readonly hasBegun: boolean;
  /**
   * Reads the line at `start`. Returns its end, or its start if it is incomplete.
   * @throws Http1Error
   */
  scan(octets: Uint8Array, start: number): number;
  /** Takes the scanned octets. `text` has the octets from `base` on. */
  take(text: string, base: number): void;
  restart(): void;
}

const FIRST_COPY = 512;

export class HeadReader {
  readonly section: FieldSection;
  readonly #rules: HeadRules;
  readonly #startLine: StartLine | undefined;
  #left: number;
  /** The received part of the incomplete line. */
  #copy: Uint8Array | undefined;
  #copied = 0;

  constructor(rules: HeadRules, startLine?: StartLine) {
    this.#rules = rules;
    this.#startLine = startLine;
    this.#left = rules.maxHeadBytes;
    this.section = new FieldSection(rules);
  }

  /** Whether octets of an incomplete head were read. */
  get isMidway(): boolean {
    return this.#copied > 0 || this.#startLine?.isComplete === true;
  }

  /** Whether an octet was read since the restart, also of an empty line before the head. */
  get hasBegun(): boolean {
    return this.#copied > 0 || this.#startLine?.hasBegun === true;
  }

  restart(): void {
    this.section.restart();
    this.#startLine?.restart();
    this.#left = this.#rules.maxHeadBytes;
    this.#copy = undefined;
  }

  /**
   * Reads from `start`. Returns the position that it reached: `section.isComplete` says whether the head ends
   * there.
   * @throws Http1Error
   */
  read(octets: Uint8Array, start: number): number {
    let at = start;
    if (this.#copied > 0) {
      at = this.#completeLine(octets, start);
      if (this.section.isComplete || this.#copied > 0) return at;
    }
    at = this.#scan(octets, at);
    if (this.section.isComplete) return at;
    if (at < octets.length) this.#keep(octets, at, octets.length);
    return octets.length;
  }

  #scan(octets: Uint8Array, start: number): number {
    const line = this.#startLine;
    const isFirst = line !== undefined && !line.isComplete;
    let at = isFirst ? line.scan(octets, start) : start;
    const hasStarted = line === undefined || line.isComplete;
    if (hasStarted) at = this.section.scan(octets, at);
    this.#left -= at - start;
    if (this.#left < 0) throw this.#tooLarge();
    const hasNews = isFirst ? hasStarted : this.section.isPending;
    if (!hasNews) return at;
    const text = latin1(octets, start, at);
    if (isFirst) line.take(text, start);
    this.section.take(text, start);
    return at;
  }

  /** Adds octets to the incomplete line, and reads it if it is complete. */
  #completeLine(octets: Uint8Array, start: number): number {
    const lineEnd = octets.indexOf(LF, start);
    const end = lineEnd < 0 ? octets.length : lineEnd + 1;
    this.#keep(octets, start, end);
    if (lineEnd < 0) return end;
    const line = this.#copy?.subarray(0, this.#copied) ?? octets;
    this.#copied = 0;
    this.#scan(line, 0);
    return end;
  }

  #keep(octets: Uint8Array, start: number, end: number): void {
    const length = this.#copied + end - start;
    if (length > this.#left) throw this.#tooLarge();
    if (this.#copy === undefined || this.#copy.length < length) {
      const larger = new Uint8Array(Math.max(FIRST_COPY, length * 2));
      if (this.#copy !== undefined) larger.set(this.#copy.subarray(0, this.#copied));
      this.#copy = larger;
    }
    this.#copy.set(octets.subarray(start, end), this.#copied);
    this.#copied = length;
  }

  #tooLarge(): Http1Error {
    const { tooLarge, maxHeadBytes } = this.#rules;
    return new Http1Error(
      tooLarge,
      `The start line and all fields together have at most ${maxHeadBytes} octets.`,
    );
  }
}
