// The kinds of values of settings: from the text of a person to the value in the program.
import { z } from 'zod';
import type { ListenAddress } from '../listening/listener.ts';

const SECONDS = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 } as const;
const BYTES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** `30s`, `15m`, `12h`, `7d`, `500ms`, or a number of seconds; gives seconds. */
export function duration(initial: string, range: { min?: number; max?: number } = {}) {
  const { min = 0.05, max = 365 * 86_400 } = range;
  const message = `must be a duration such as 30s or 15m, from ${min} to ${max} seconds`;
  return z
    .union([z.string(), z.number()], { error: message })
    .default(initial)
    .transform((value, context) => {
      const seconds = typeof value === 'number' ? value : withUnit(value, SECONDS);
      if (seconds !== undefined && seconds >= min && seconds <= max) return seconds;
      context.addIssue(message + meant(value, DURATIONS));
      return z.NEVER;
    });
}

/** `64KiB`, `1GiB`, or a number of bytes; gives bytes. */
export function bytes() {
  const message = 'must be a size such as 64KiB or 1GiB';
  return z.union([z.string(), z.number()], { error: message }).transform((value, context) => {
    const count = typeof value === 'number' ? value : withUnit(value, BYTES);
    if (count !== undefined && Number.isSafeInteger(count) && count > 0) return count;
    context.addIssue(message + meant(value, SIZES));
    return z.NEVER;
  });
}

export function bytesOr(initial: string) {
  return bytes().prefault(initial);
}

/** The names of our units in other programs. */
const DURATIONS: Readonly<Record<string, RegExp>> = {
  ms: /^(?:msecs?|millis|milliseconds?)$/i,
  s: /^(?:secs?|seconds?)$/i,
  m: /^(?:mins?|minutes?)$/i,
  h: /^(?:hrs?|hours?)$/i,
  d: /^days?$/i,
};
const SIZES: Readonly<Record<string, RegExp>> = { KiB: /^kb?$/i, MiB: /^mb?$/i, GiB: /^gb?$/i };

/** Quotes a value with a unit of another program, and says how to write it here; empty for other values. */
function meant(value: string | number, units: Readonly<Record<string, RegExp>>): string {
  const [, amount, word = ''] = /^(\d+(?:\.\d+)?)\s*([a-zA-Z]+)$/.exec(String(value).trim()) ?? [];
  const unit = Object.keys(units).find((name) => name === word || units[name]?.test(word));
  if (amount === undefined || unit === undefined || `${amount}${unit}` === value) return '';
  return `, not ${JSON.stringify(value)}: write ${amount}${unit}`;
}

/** A bare number is in the unit of size 1. */
function withUnit(text: string, units: Record<string, number>): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([a-zA-Z]*)$/.exec(text.trim());
  const unit = match?.[2] === '' ? 1 : units[match?.[2] ?? ''];
  return match?.[1] !== undefined && unit !== undefined ? Number(match[1]) * unit : undefined;
}

/** A whole number within `range`, also as text, because the command line and the environment give text. */
export function count(range: { min: number; max: number }) {
  const message = `must be a whole number from ${range.min} to ${range.max}`;
  const text = z.string().regex(/^\d+$/).transform(Number);
  return z
    .union([z.number(), text], { error: message })
    .pipe(z.int(message).min(range.min, message).max(range.max, message));
}

/** `true` or `false`, also written as text; false unless it is set. */
export function toggle() {
  const text = z.enum(['true', 'false']).transform((word) => word === 'true');
  return z.union([z.boolean(), text], { error: 'must be true or false' }).prefault(false);
}

/** A list of texts, also written as one with commas. */
export function list() {
  const text = z.string().transform((line) => line.split(',').map((item) => item.trim()));
  return z.union([z.array(z.string()), text], {
    error: 'must be a list of texts, such as ["one", "two"] or one,two',
  });
}

/** `127.0.0.1:8443`, `[::1]:8443` or `:8443` (all addresses). */
export function listenAddress(initial: string) {
  return z.string().default(initial).transform(toListenAddress);
}

/** The same for a listener that is closed by default. */
export function optionalListenAddress() {
  return z.string().transform(toListenAddress).optional();
}

function toListenAddress(text: string, context: z.RefinementCtx<string>): ListenAddress {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match && port <= 65_535) return { host: match[1] ?? (match[2] || '0.0.0.0'), port };
  context.addIssue('must be ADDRESS:PORT, such as 127.0.0.1:8443');
  return z.NEVER;
}

/** The public address of a listener: scheme, host and port, without path, query or credentials. */
export function httpOrigin() {
  return z.string().transform((text, context): string => {
    const url = URL.parse(text);
    const plain =
      url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.username;
    if (plain && !url.hash && !url.password) return url.origin;
    context.addIssue(
      'must be the address of a listener, such as https://gateway.example.com:8443, without a path',
    );
    return z.NEVER;
  });
}
