// A strict DER reader (X.690). Refuses, with DerError, lengths that are indefinite or not minimal, integers
// that are not minimal, octets after the end, unexpected tags, unsorted sets, explicit default values, and
// nesting deeper than 32.
import { DerError } from '../errors.ts';
import {
  type BitString,
  bitStringOf,
  booleanOf,
  type DerElement,
  ia5Of,
  integerOf,
  objectIdentifierOf,
  printableOf,
  timeOf,
  utf8Of,
} from './content.ts';
import { type DerHeader, hexOctet, readHeader } from './header.ts';
import { CONSTRUCTED, CONTEXT_SPECIFIC, TAG } from './tags.ts';

export type { BitString, DerElement } from './content.ts';

/**
 * Calls `read` with a reader over the input. `read` must consume all of it.
 * @throws DerError with the offset of the first unexpected value
 */
export function readDer<T>(input: Uint8Array, read: (reader: DerReader) => T): T {
  return readToEnd(new DerReader(input, { start: 0, end: input.length, depth: 0 }), read);
}

/**
 * A cursor over one level of DER. Each method consumes one value, or throws DerError. A constructed value is
 * read to its end.
 */
export class DerReader {
  readonly #input: Uint8Array;
  readonly #end: number;
  readonly #depth: number;
  #offset: number;

  constructor(input: Uint8Array, span: { start: number; end: number; depth: number }) {
    this.#input = input;
    this.#offset = span.start;
    this.#end = span.end;
    this.#depth = span.depth;
  }

  /** Octets from the start of the whole input to the next value. */
  get offset(): number {
    return this.#offset;
  }

  get atEnd(): boolean {
    return this.#offset === this.#end;
  }

  /** The identifier octet of the next value; `undefined` at the end. */
  get nextTag(): number | undefined {
    return this.atEnd ? undefined : this.#input[this.#offset];
  }

  /** The next value of any type. Only its identifier and length are checked. */
  element(): DerElement {
    const offset = this.#offset;
    const header = readHeader(this.#input, offset, this.#end);
    this.#offset = header.end;
    return new Element(this.#input, offset, header);
  }

  /** The next value, which must have this tag. */
  expect(tag: number): DerElement {
    this.#requireNext(tag);
    return this.element();
  }

  /**
   * Reads inside the next value, which must have this tag: a constructed value, or a string that contains
   * DER.
   */
  within<T>(tag: number, read: (reader: DerReader) => T): T {
    this.#requireNext(tag);
    const { start, end } = readHeader(this.#input, this.#offset, this.#end);
    if (this.#depth === MAX_DEPTH) throw new DerError(`nested deeper than ${MAX_DEPTH}`, this.#offset);
    this.#offset = end;
    return readToEnd(new DerReader(this.#input, { start, end, depth: this.#depth + 1 }), read);
  }

  /** Calls `read`, and also returns the octets that it consumed. */
  capture<T>(read: (reader: DerReader) => T): { bytes: Uint8Array; value: T } {
    const start = this.#offset;
    const value = read(this);
    return { bytes: this.#input.subarray(start, this.#offset), value };
  }

  /** Reads items up to the end of this level. */
  list<T>(read: (reader: DerReader) => T): T[] {
    const items: T[] = [];
    while (!this.atEnd) items.push(read(this));
    return items;
  }

  /** The same as `list`, for at least one item: `SIZE (1..MAX)`. */
  nonEmptyList<T>(read: (reader: DerReader) => T): T[] {
    if (this.atEnd) throw new DerError('the list must not be empty', this.#offset);
    return this.list(read);
  }

  sequence<T>(read: (reader: DerReader) => T): T {
    return this.within(TAG.sequence, read);
  }

  /** SET OF, whose encodings must ascend (X.690 §11.6). */
  setOf<T>(read: (reader: DerReader) => T): T[] {
    return this.within(TAG.set, (set) => {
      let previous: Uint8Array | undefined;
      return set.list((reader) => {
        const { offset } = reader;
        const { bytes, value } = reader.capture(read);
        if (previous !== undefined && Buffer.compare(previous, bytes) > 0)
          throw new DerError('SET OF is not sorted (X.690 §11.6)', offset);
        previous = bytes;
        return value;
      });
    });
  }

  /** A constructed `[number]`: EXPLICIT around a value, or IMPLICIT over a SEQUENCE. */
  context<T>(number: number, read: (reader: DerReader) => T): T {
    return this.within(CONTEXT_SPECIFIC | CONSTRUCTED | number, read);
  }

  boolean(): boolean {
    return booleanOf(this.expect(TAG.boolean));
  }

  /** BOOLEAN DEFAULT FALSE: absent, or TRUE (X.690 §11.5). */
  booleanOrFalse(): boolean {
    if (this.nextTag !== TAG.boolean) return false;
    const { offset } = this;
    if (!this.boolean()) throw new DerError('a default value is written out (X.690 §11.5)', offset);
    return true;
  }

  integer(): bigint {
    return integerOf(this.expect(TAG.integer));
  }

  /** INTEGER between 0 and `max`. */
  smallInteger(max: number): number {
    const { offset } = this;
    const value = this.integer();
    if (value < 0n || value > BigInt(max)) throw new DerError(`INTEGER is not between 0 and ${max}`, offset);
    return Number(value);
  }

  /** ENUMERATED between 0 and `max`, which is below 128. */
  enumerated(max: number): number {
    const { offset, content } = this.expect(TAG.enumerated);
    const [value = 0] = content;
    if (content.length !== 1 || value > max)
      throw new DerError(`ENUMERATED is not between 0 and ${max}`, offset);
    return value;
  }

  bitString(): BitString {
    return bitStringOf(this.expect(TAG.bitString));
  }

  /** BIT STRING of whole octets: a public key or a signature. */
  bitStringOctets(): Uint8Array {
    const { offset } = this;
    const { bytes, unusedBits } = this.bitString();
    if (unusedBits !== 0) throw new DerError('BIT STRING is not a whole number of octets', offset);
    return bytes;
  }

  /**
   * BIT STRING of a named bit list: the positions of the set bits, all below `size`. Trailing zeros are
   * accepted, although X.690 §11.2.2 forbids them: some publicly trusted roots have them, and they have no
   * meaning.
   */
  namedBits(size: number): number[] {
    const { offset } = this;
    const { bytes } = this.bitString();
    if (bytes.length > Math.ceil(size / 8)) throw new DerError(`more than ${size} named bits`, offset);
    const positions = Array.from({ length: bytes.length * 8 }, (_, position) => position);
    const set = positions.filter(
      (position) => ((bytes[position >> 3] ?? 0) & (0x80 >> (position & 7))) !== 0,
    );
    if ((set.at(-1) ?? 0) >= size) throw new DerError(`more than ${size} named bits`, offset);
    return set;
  }

  octetString(): Uint8Array {
    return this.expect(TAG.octetString).content;
  }

  nullValue(): void {
    const { content, offset } = this.expect(TAG.null);
    if (content.length !== 0) throw new DerError('NULL has content', offset);
  }

  /** OBJECT IDENTIFIER as dotted decimal. Arcs of more than 128 bits are refused. */
  objectIdentifier(): string {
    return objectIdentifierOf(this.expect(TAG.objectIdentifier));
  }

  utf8String(): string {
    return utf8Of(this.expect(TAG.utf8String));
  }

  printableString(): string {
    return printableOf(this.expect(TAG.printableString));
  }

  ia5String(): string {
    return ia5Of(this.expect(TAG.ia5String));
  }

  /** UTCTime or GeneralizedTime, in whole seconds and `Z` (RFC 5280 §4.1.2.5). */
  time(): Date {
    return timeOf(this.element());
  }

  /** Only GeneralizedTime, in whole seconds and `Z`. */
  generalizedTime(): Date {
    return timeOf(this.expect(TAG.generalizedTime));
  }

  #requireNext(tag: number): void {
    if (this.nextTag === tag) return;
    const found = this.nextTag === undefined ? 'the end' : hexOctet(this.nextTag);
    throw new DerError(`expected tag ${hexOctet(tag)}, found ${found}`, this.#offset);
  }
}

const MAX_DEPTH = 32;

/**
 * Creates the views only when they are read: a view takes longer than the header, and most elements need no
 * more than one.
 */
class Element implements DerElement {
  readonly tag: number;
  readonly offset: number;
  readonly #input: Uint8Array;
  readonly #start: number;
  readonly #end: number;

  constructor(input: Uint8Array, offset: number, { tag, start, end }: DerHeader) {
    this.tag = tag;
    this.offset = offset;
    this.#input = input;
    this.#start = start;
    this.#end = end;
  }

  get content(): Uint8Array {
    return this.#input.subarray(this.#start, this.#end);
  }

  get bytes(): Uint8Array {
    return this.#input.subarray(this.offset, this.#end);
  }
}

function readToEnd<T>(reader: DerReader, read: (reader: DerReader) => T): T {
  const result = read(reader);
  if (!reader.atEnd) throw new DerError('trailing octets', reader.offset);
  return result;
}
