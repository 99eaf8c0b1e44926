// Reads structured fields (RFC 9651 §4.2). Stricter than the standard in one point: it refuses a repeated
// key. In the standard the last one counts, but another reader may use the first one.
import type { Bytes } from '../crypto/primitives.ts';
import { Reader } from './reader.ts';
import type { BareItem, Dictionary, InnerList, Item, Member, Parameters } from './values.ts';
import { StructuredFieldError } from './values.ts';

/**
 * Reads a dictionary (RFC 9651 §4.2.2).
 * @throws StructuredFieldError
 * @example
 * readDictionary('sig1=:AAAA:').get('sig1');
 */
export function readDictionary(text: string): Dictionary {
  const reader = new Reader(text);
  const members = new Map<string, Member>();
  readMembers(reader, () => {
    const key = readKey(reader);
    if (members.has(key)) throw refused('has a key twice');
    members.set(key, reader.take('=') ? readMember(reader) : { value: TRUE, params: readParameters(reader) });
  });
  return members;
}

/**
 * Reads a list (RFC 9651 §4.2.1).
 * @throws StructuredFieldError
 * @example
 * readList('gzip, br').length; // 2
 */
export function readList(text: string): readonly Member[] {
  const reader = new Reader(text);
  const members: Member[] = [];
  readMembers(reader, () => members.push(readMember(reader)));
  return members;
}

/**
 * Reads an item (RFC 9651 §4.2.3).
 * @throws StructuredFieldError
 * @example
 * readItem('42;q=0.5').value; // { type: 'integer', value: 42 }
 */
export function readItem(text: string): Item {
  const reader = new Reader(text);
  reader.skipSpaces();
  const item = readOneItem(reader);
  reader.skipSpaces();
  if (!reader.isAtEnd) throw refused('has more text after its value');
  return item;
}

const TRUE: BareItem = { type: 'boolean', value: true };

/** The common part of lists and dictionaries: members between commas. */
function readMembers(reader: Reader, readOne: () => void): void {
  reader.skipSpaces();
  if (reader.isAtEnd) return;
  for (;;) {
    readOne();
    reader.skipBlanks();
    if (reader.isAtEnd) return;
    if (!reader.take(',')) throw refused('has no comma between two members');
    reader.skipBlanks();
    if (reader.isAtEnd) throw refused('ends with a comma');
  }
}

function readMember(reader: Reader): Member {
  return reader.next === '(' ? readInnerList(reader) : readOneItem(reader);
}

/** §4.2.1.2. */
function readInnerList(reader: Reader): InnerList {
  reader.take('(');
  const items: Item[] = [];
  for (;;) {
    reader.skipSpaces();
    if (reader.take(')')) return { items, params: readParameters(reader) };
    if (items.length > 0 && !reader.isAfterSpace) throw refused('has no space between two values of a list');
    items.push(readOneItem(reader));
  }
}

function readOneItem(reader: Reader): Item {
  return { value: readBareItem(reader), params: readParameters(reader) };
}

/** §4.2.3.2. */
function readParameters(reader: Reader): Parameters {
  const params = new Map<string, BareItem>();
  while (reader.take(';')) {
    reader.skipSpaces();
    const key = readKey(reader);
    if (params.has(key)) throw refused('has a parameter twice');
    params.set(key, reader.take('=') ? readBareItem(reader) : TRUE);
  }
  return params;
}

function readKey(reader: Reader): string {
  return reader.match(/[a-z*][a-z0-9_\-.*]*/y) ?? fail('lacks a key');
}

const fail = (what: string): never => {
  throw refused(what);
};

/** §4.2.3.1. */
function readBareItem(reader: Reader): BareItem {
  switch (reader.next) {
    case '"':
      return { type: 'string', value: readString(reader) };
    case ':':
      return { type: 'bytes', value: readBytes(reader) };
    case '?':
      return { type: 'boolean', value: (reader.match(/\?[01]/y) ?? fail('has a wrong boolean')) === '?1' };
    case '@':
      return { type: 'date', value: readDate(reader) };
    case '%':
      return { type: 'display', value: readDisplayString(reader) };
    default:
      return readNumberOrToken(reader);
  }
}

/** §4.2.4, §4.2.6. */
function readNumberOrToken(reader: Reader): BareItem {
  const token = reader.match(/[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*/y);
  if (token !== undefined) return { type: 'token', value: token };
  const text = reader.match(/-?\d+(?:\.\d+)?/y) ?? fail('has a value of no known type');
  const [whole = '', fraction] = text.replace('-', '').split('.');
  if (fraction === undefined) {
    if (whole.length > 15) throw refused('has a number that is too long');
    return { type: 'integer', value: Number(text) };
  }
  if (whole.length > 12 || fraction.length > 3) throw refused('has a number that is too long');
  return { type: 'decimal', value: Number(text) };
}

/** §4.2.5. */
function readString(reader: Reader): string {
  const quoted = reader.match(/"(?:[ !#-[\]-~]|\\["\\])*"/y) ?? fail('has a string that is not well formed');
  return quoted.slice(1, -1).replaceAll(/\\(.)/g, '$1');
}

/** §4.2.7. Refuses missing padding and bits that are not zero, so that each value has exactly one text. */
function readBytes(reader: Reader): Bytes {
  const text = reader.match(/:[A-Za-z0-9+/]*={0,2}:/y) ?? fail('has bytes that are not base64');
  try {
    return Uint8Array.fromBase64(text.slice(1, -1), { lastChunkHandling: 'strict' });
  } catch (cause) {
    throw refused('has bytes that are not base64', { cause });
  }
}

/** §4.2.9. */
function readDate(reader: Reader): number {
  reader.take('@');
  const item = readNumberOrToken(reader);
  return item.type === 'integer' ? item.value : fail('has a date that is not a whole number');
}

/** §4.2.10. */
function readDisplayString(reader: Reader): string {
  const quoted =
    reader.match(/%"(?:[ !#$&-~]|%[0-9a-f]{2})*"/y) ?? fail('has a display string that is not well formed');
  try {
    return decodeURIComponent(quoted.slice(2, -1));
  } catch (cause) {
    throw refused('has a display string that is not UTF-8', { cause });
  }
}

function refused(what: string, options?: ErrorOptions): StructuredFieldError {
  return new StructuredFieldError('structured_field_invalid', `The field ${what} (RFC 9651).`, options);
}
