// JavaScript values as values of XML-RPC. Refuses values without a type in XML-RPC, instead of changing them.
import { toBase64 } from '#base64';
import { escapeXml } from './xml.ts';

/**
 * A value of XML-RPC. Integers are `int`, or `i8` if they need more than 32 bits or are a bigint; other
 * numbers are `double`; `Date` is `dateTime.iso8601` in UTC; octets are `base64`; null and undefined are
 * `nil`.
 */
export type XmlRpcValue =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | Double
  | readonly XmlRpcValue[]
  | { readonly [member: string]: XmlRpcValue };

/** A number that is sent as `double` even if it is an integer. */
export interface Double {
  readonly [DOUBLE]: number;
}

const DOUBLE = Symbol('double');

/**
 * A number that is sent as `double`, also if it is an integer. Servers with strict types may need that.
 * @example
 * await api.scale(xmlrpcDouble(2));
 */
export function xmlrpcDouble(value: number): Double {
  return { [DOUBLE]: value };
}

/** Throws `TypeError` for a value without a type in XML-RPC, and for one that contains itself. */
export function writeValue(value: unknown, above: readonly unknown[] = []): string {
  return `<value>${typed(value, above)}</value>`;
}

function typed(value: unknown, above: readonly unknown[]): string {
  switch (typeof value) {
    case 'undefined':
      return '<nil/>';
    case 'boolean':
      return `<boolean>${value ? 1 : 0}</boolean>`;
    case 'number':
      return Number.isSafeInteger(value) ? integer(value) : `<double>${decimal(value)}</double>`;
    case 'bigint':
      return `<i8>${requireSmall(value)}</i8>`;
    case 'string':
      return `<string>${escapeXml(value)}</string>`;
    case 'object':
      return value === null ? '<nil/>' : structured(value, above);
    default:
      throw new TypeError(`a ${typeof value} has no type in XML-RPC`);
  }
}

function structured(value: object, above: readonly unknown[]): string {
  if (above.includes(value)) throw new TypeError('a value that contains itself cannot be sent');
  if (DOUBLE in value) return `<double>${decimal(value[DOUBLE] as number)}</double>`;
  if (value instanceof Date) return `<dateTime.iso8601>${dateTime(value)}</dateTime.iso8601>`;
  if (value instanceof Uint8Array) return `<base64>${toBase64(value)}</base64>`;
  const path = [...above, value];
  if (Array.isArray(value)) {
    return `<array><data>${value.map((item) => writeValue(item, path)).join('')}</data></array>`;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    throw new TypeError(`a ${prototype.constructor?.name ?? 'object'} has no type in XML-RPC`);
  }
  const members = Object.entries(value).map(
    ([name, item]) => `<member><name>${escapeXml(name)}</name>${writeValue(item, path)}</member>`,
  );
  return `<struct>${members.join('')}</struct>`;
}

function integer(value: number): string {
  return value === (value | 0) ? `<int>${value | 0}</int>` : `<i8>${value}</i8>`;
}

function requireSmall(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value)
    throw new TypeError('an i8 has 64 bits: send this number as a string');
  return value;
}

/** XML-RPC has no exponents, no infinity and no NaN. */
function decimal(value: number): string {
  if (!Number.isFinite(value)) throw new TypeError(`${value} has no type in XML-RPC`);
  const text = String(value);
  const [, sign = '', digits = '', fraction = '', exponent = ''] =
    /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text) ?? [];
  if (exponent === '') return text;
  const shift = Number(exponent);
  if (shift > 0) return `${sign}${digits}${fraction.padEnd(shift, '0')}`;
  return `${sign}0.${'0'.repeat(-shift - 1)}${digits}${fraction}`;
}

/** `19980717T14:14:55`, without a zone, as in the specification. */
function dateTime(date: Date): string {
  return date.toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length).replaceAll('-', '');
}
