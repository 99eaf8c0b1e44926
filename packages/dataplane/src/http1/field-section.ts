// Reads header fields or trailers (RFC 9112 §5): whole lines, up to the empty one. Refuses line folding, a
// bare CR or LF, white space before the colon, names that are not tokens, control octets in values, too many
// fields, a tab beside the transfer coding, and repetitions of fields that may come only once.
import { type Http1Code, Http1Error } from './errors.ts';
import { FIELD_NAMES, knownField, OTHER, TRANSFER_ENCODING } from './known-fields.ts';
import type { FieldList } from './messages.ts';
import { COLON, CR, isBlank, LF, TAB, TEXT, TOKEN } from './octets.ts';

export interface FieldRules {
  maxFields: number;
  /** Known fields that may come only once. */
  single: readonly number[];
  /** The code of errors. */
  code: Http1Code;
  /** The code for too many fields. */
  tooLarge: Http1Code;
}

/** Four numbers for each field: start and end of its name and of its value. */
const MARKS = 4;

export class FieldSection {
  /** Names and values in turn, up to the last `take`. */
  fields: FieldList = [];
  isComplete = false;
  /** A bit for each known field that is present. */
  #seen = 0;
  /** A bit for each known field that is present more than once. */
  #repeated = 0;
  #marked = 0;
  /** The previous section. Most fields of a connection are the same each time, so they need no new string. */
  #before: FieldList = [];
  readonly #marks: number[] = [];
  /** The position of a known field in the list. */
  readonly #places = new Uint32Array(FIELD_NAMES.length);
  readonly #rules: FieldRules;
  readonly #single: number;

  constructor(rules: FieldRules) {
    this.#rules = rules;
    this.#single = rules.single.reduce((bits, field) => bits | (1 << field), 0);
  }

  /** Whether there are scanned fields that were not taken. */
  get isPending(): boolean {
    return this.#marked > 0;
  }

  /** Starts a new section. The previous list still belongs to its owner. */
  restart(): void {
    this.#before = this.fields;
    this.fields = [];
    this.isComplete = false;
    this.#seen = 0;
    this.#repeated = 0;
  }

  /**
   * Reads whole lines from `start`. Returns the start of the first incomplete line, or the end of the
   * section.
   */
  scan(octets: Uint8Array, start: number): number {
    const { length } = octets;
    for (let line = start; ; ) {
      let at = line;
      while (at < length && TOKEN[octets[at] as number] === 1) at++;
      if (at === length) return line;
      if (octets[at] !== COLON || at === line) {
        if (at === line && octets[at] === CR) return this.#emptyLine(octets, at);
        throw this.#nameFlaw(octets[at] as number, at === line);
      }
      const nameEnd = at++;
      while (at < length && isBlank(octets[at])) at++;
      const valueStart = at;
      while (at < length && TEXT[octets[at] as number] === 1) at++;
      if (at === length) return line;
      if (octets[at] !== CR) throw this.#bad('A header field contains a control character or a bare LF.');
      if (at + 1 === length) return line;
      if (octets[at + 1] !== LF) throw this.#bad('A header field contains a bare CR.');
      let valueEnd = at;
      while (valueEnd > valueStart && isBlank(octets[valueEnd - 1])) valueEnd--;
      this.#mark(octets, line, nameEnd, at);
      const marks = this.#marks;
      const place = this.#marked * MARKS;
      marks[place] = line;
      marks[place + 1] = nameEnd;
      marks[place + 2] = valueStart;
      marks[place + 3] = valueEnd;
      this.#marked++;
      line = at + 2;
    }
  }

  /** Adds the scanned fields. `text` has the octets from `base` on. */
  take(text: string, base: number): void {
    const marks = this.#marks;
    const end = this.#marked * MARKS;
    const { fields } = this;
    for (let place = 0; place < end; place += 2) {
      const start = (marks[place] as number) - base;
      const stop = (marks[place + 1] as number) - base;
      const before = this.#before[fields.length];
      const same = before !== undefined && before.length === stop - start && text.startsWith(before, start);
      fields.push(same ? before : text.slice(start, stop));
    }
    this.#marked = 0;
  }

  /** The first value of a known field. */
  value(field: number): string | undefined {
    return this.#seen & (1 << field) ? this.fields[this.#places[field] as number] : undefined;
  }

  isRepeated(field: number): boolean {
    return (this.#repeated & (1 << field)) !== 0;
  }

  /** All values of a known field, joined as one list (RFC 9110 §5.3). */
  joined(field: number, separator = ','): string | undefined {
    if (!this.isRepeated(field)) return this.value(field);
    const { fields } = this;
    return fields
      .filter((_, at) => at % 2 === 1 && fields[at - 1]?.toLowerCase() === FIELD_NAMES[field])
      .join(separator);
  }

  #mark(octets: Uint8Array, nameStart: number, nameEnd: number, lineEnd: number): void {
    const before = this.fields.length / 2 + this.#marked;
    if (before === this.#rules.maxFields) {
      throw new Http1Error(this.#rules.tooLarge, `A message has at most ${before} header fields.`);
    }
    const field = knownField(octets, nameStart, nameEnd);
    if (field === OTHER) return;
    if (field === TRANSFER_ENCODING) this.#refuseTab(octets, nameEnd, lineEnd);
    const bit = 1 << field;
    if (this.#seen & bit) {
      if (this.#single & bit) throw this.#bad(`Send ${FIELD_NAMES[field]} only once.`);
      this.#repeated |= bit;
      return;
    }
    this.#seen |= bit;
    this.#places[field] = before * 2 + 1;
  }

  /** RFC 9110 §5.6.3 allows a tab around a value, but llhttp then reads another coding. */
  #refuseTab(octets: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at++) {
      if (octets[at] === TAB) throw this.#bad('Transfer-Encoding contains a tab.');
    }
  }

  #emptyLine(octets: Uint8Array, at: number): number {
    if (at + 1 === octets.length) return at;
    if (octets[at + 1] !== LF) throw this.#bad('A header field contains a bare CR.');
    this.isComplete = true;
    return at + 2;
  }

  #nameFlaw(octet: number, isFirst: boolean): Http1Error {
    if (octet === LF) return this.#bad('Lines must end with CR and LF.');
    if (octet === COLON) return this.#bad('A header field has no name.');
    if (!isBlank(octet)) return this.#bad('A header field has a name that is not allowed, or no colon.');
    return this.#bad(
      isFirst
        ? 'A header field continues on a second line.'
        : 'There is white space before the colon of a field.',
    );
  }

  #bad(message: string): Http1Error {
    return new Http1Error(this.#rules.code, message);
  }
}
