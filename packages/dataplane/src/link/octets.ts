// Messages as JSON text (docs/wire/data-plane-link.md). Octets become {"$octets": BASE64}. A member name that
// begins with $ gets a second $, so that data is never read as octets. Refuses values that JSON would change.

const MARK = '$';
const OCTETS = '$octets';

/** Throws `TypeError` for a value that JSON cannot represent, such as a Map, a Date or NaN. */
export function encodeMessage(message: object): string {
  return JSON.stringify(message, toJson);
}

/** Throws `SyntaxError` for text that is not JSON. */
export function decodeMessage(text: string): unknown {
  // Most messages have no marked names, and a reviver takes several times as long.
  return text.includes(`"${MARK}`) ? JSON.parse(text, fromJson) : JSON.parse(text);
}

function toJson(this: Record<string, unknown>, name: string, replaced: unknown): unknown {
  // `replaced` is the result of a toJSON method: Buffer and Date have one.
  const value = this[name];
  if (typeof value === 'number' && !Number.isFinite(value)) throw unfit(name, value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return replaced;
  if (value instanceof Uint8Array) return { [OCTETS]: base64(value) };
  if (!isPlain(value)) throw unfit(name, value);
  return hasMarkedName(value) ? renamed(value, (key) => `${MARK}${key}`) : value;
}

function fromJson(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !hasMarkedName(value))
    return value;
  const octets = (value as Record<string, unknown>)[OCTETS];
  if (typeof octets === 'string') return new Uint8Array(Buffer.from(octets, 'base64'));
  return renamed(value, (key) => key.slice(MARK.length));
}

function hasMarkedName(value: object): boolean {
  for (const key in value) if (key.startsWith(MARK)) return true;
  return false;
}

function renamed(value: object, change: (key: string) => string): object {
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key.startsWith(MARK) ? change(key) : key, member]),
  );
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64');
}

function unfit(name: string, value: unknown): TypeError {
  return new TypeError(`${name} cannot go over the link: ${String(value)}`);
}
