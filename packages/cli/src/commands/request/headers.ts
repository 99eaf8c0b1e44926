// The header fields of a request: from `--header`, from items, and the command's own. Refuses fields that
// HTTP itself sets, and secrets, because other users can read arguments.
import manifest from '../../../package.json' with { type: 'json' };
import { usageError } from '../../exit-status.ts';
import { EMPTY } from './items.ts';

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/; // RFC 9110 §5.6.2

/** Whether a text is a method (RFC 9110 §9.1) that this command sends. */
export function isMethod(text: string): boolean {
  return token.test(text) && text !== 'CONNECT';
}

const secretHeaders = new Set(['authorization', 'proxy-authorization', 'x-api-key']);
const framingHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

/** Names in lower case. A field with several values is an array. */
export type Fields = Record<string, string | string[]>;

/** `own`: the fields that the command sends unless the user changes them. Throws a usage error. */
export function requestHeaders(
  lines: readonly string[],
  items: readonly (readonly [name: string, value: string])[],
  own: Readonly<Record<string, string>> = {},
): Fields {
  const given = [...lines.map(parseLine), ...items.map(([name, value]) => checked(name, value, `${name}:`))];
  const fields = new Map<string, string[]>();
  for (const [name, value] of given) fields.set(name, [...(fields.get(name) ?? []), value]);
  const usual = { accept: '*/*', 'user-agent': `gatehouse/${manifest.version}`, ...own };
  const all = Object.entries({ ...usual, ...Object.fromEntries(fields) });
  // An item without a value removes the field.
  const sent = all.filter(([, value]) => value.length !== 1 || value[0] !== '');
  return Object.fromEntries(sent.map(([name, value]) => [name, withoutMark(value)]));
}

/** One value is a text: Host must not be a list. */
function withoutMark(value: string | string[]): string | string[] {
  const [first = '', ...more] = [value].flat().map((each) => (each === EMPTY ? '' : each));
  return more.length === 0 ? first : [first, ...more];
}

function parseLine(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  if (colon < 1) throw usageError("--header should read 'Name: value'");
  const value = line.slice(colon + 1).trim();
  return checked(line.slice(0, colon), value === '' ? EMPTY : value, '--header');
}

function checked(written: string, value: string, what: string): [name: string, value: string] {
  const name = written.toLowerCase();
  if (!token.test(name) || !/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) {
    const fault = `${what} is not a header: its name or its value has a character that is not allowed there`;
    throw usageError(what === '--header' ? "--header should read 'Name: value'" : fault);
  }
  if (secretHeaders.has(name)) {
    throw usageError(`--header ${name}: other users can read arguments; use --key-file or --token-file`);
  }
  if (framingHeaders.has(name)) throw usageError(`--header ${name}: this one is set by the command itself`);
  return [name, value];
}
