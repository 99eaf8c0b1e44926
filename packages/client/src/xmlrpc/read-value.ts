// Values of XML-RPC as JavaScript values. Refuses unknown types and values that do not match their type.
import { fromBase64 } from '#base64';
import { XmlRpcError } from './errors.ts';
import type { XmlRpcValue } from './write-value.ts';
import type { XmlElement } from './xml.ts';

/** A value that was read: as `XmlRpcValue`, with null for `nil`. */
export function readValue(value: XmlElement): XmlRpcValue {
  requireName(value, 'value');
  const [typed, second] = value.children;
  if (typed === undefined) return value.text; // without a type element it is a string
  if (second !== undefined || value.text.trim() !== '')
    throw new XmlRpcError('a value has more than one type');
  const read = READERS[typed.name.replace(/^ex:/, '')]; // the prefix is that of Apache's extensions
  if (read === undefined) throw new XmlRpcError(`<${typed.name}> is not a type of XML-RPC`);
  return read(typed);
}

/** The only child of an element. */
export function onlyChild(element: XmlElement, name: string): XmlElement {
  const [child, second] = element.children;
  if (child === undefined || second !== undefined) {
    throw new XmlRpcError(`<${element.name}> should have one <${name}>`);
  }
  return requireName(child, name);
}

export function requireName(element: XmlElement, name: string): XmlElement {
  if (element.name !== name) throw new XmlRpcError(`<${element.name}> is where <${name}> should be`);
  return element;
}

type Read = (element: XmlElement) => XmlRpcValue;

const READERS: Readonly<Record<string, Read | undefined>> = {
  __proto__: null as never,
  int: readInt,
  i4: readInt,
  i8: readLong,
  boolean: readBoolean,
  string: (element) => leaf(element),
  double: readDouble,
  'dateTime.iso8601': readDateTime,
  base64: readBase64,
  array: readArray,
  struct: readStruct,
  nil: () => null,
};

function readInt(element: XmlElement): number {
  const number = Number(matched(element, /^[+-]?\d{1,10}$/));
  if (number !== (number | 0)) throw mismatch(element);
  return number | 0;
}

/** A number if it is exact, otherwise a bigint. */
function readLong(element: XmlElement): number | bigint {
  const number = BigInt(matched(element, /^[+-]?\d{1,19}$/).replace('+', ''));
  if (BigInt.asIntN(64, number) !== number) throw mismatch(element);
  return Number.isSafeInteger(Number(number)) ? Number(number) : number;
}

function readBoolean(element: XmlElement): boolean {
  return matched(element, /^[01]$/) === '1';
}

/** Some implementations send exponents, for example Python. */
function readDouble(element: XmlElement): number {
  const number = Number(matched(element, /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i));
  if (!Number.isFinite(number)) throw mismatch(element);
  return number;
}

/** Without a zone it is UTC. Also the forms with hyphens, fractions of a second, and a zone. */
function readDateTime(element: XmlElement): Date {
  const form = /^(\d{4})-?(\d\d)-?(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/;
  const [, year, month, day, hour, minute, second, fraction = '', zone = 'Z'] =
    form.exec(matched(element, form)) ?? [];
  const zoned = zone.replace(/^(...)(\d\d)$/, '$1:$2');
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}${zoned}`);
  if (Number.isNaN(date.getTime())) throw mismatch(element);
  return date;
}

function readBase64(element: XmlElement): Uint8Array {
  const text = leaf(element).replace(/\s/g, '');
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw mismatch(element);
  return fromBase64(text);
}

function readArray(element: XmlElement): XmlRpcValue[] {
  return onlyChild(element, 'data').children.map(readValue);
}

function readStruct(element: XmlElement): { [member: string]: XmlRpcValue } {
  const members = element.children.map(readMember);
  if (new Set(members.map(([name]) => name)).size !== members.length) {
    throw new XmlRpcError('a struct has two members of the same name');
  }
  return Object.fromEntries(members);
}

function readMember(element: XmlElement): [name: string, value: XmlRpcValue] {
  requireName(element, 'member');
  const [name, value, third] = element.children;
  if (name === undefined || value === undefined || third !== undefined) {
    throw new XmlRpcError('<member> should have one <name> and one <value>');
  }
  return [leaf(requireName(name, 'name')), readValue(value)];
}

function leaf(element: XmlElement): string {
  if (element.children.length > 0) throw mismatch(element);
  return element.text;
}

function matched(element: XmlElement, form: RegExp): string {
  const text = leaf(element).trim();
  if (!form.test(text)) throw mismatch(element);
  return text;
}

function mismatch({ name }: XmlElement): XmlRpcError {
  return new XmlRpcError(`a value of type ${name} is not valid`);
}
