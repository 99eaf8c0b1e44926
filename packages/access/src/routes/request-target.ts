// Turns the received request target into the path that is authorised and forwarded (RFC 9112 §3.2, RFC 3986
// §6.2.2). Refuses dot segments, control characters, and octets that are not UTF-8. The route table handles
// other spellings that some servers read as another path (`ambiguous-path.ts`).
import { GatehouseError } from '../errors/errors.ts';
import { ambiguityOf, isPlainPath } from './ambiguous-path.ts';

/** A request target in its parts. */
export interface RequestTarget {
  /** Escapes are decoded if possible; other escapes are in upper case. */
  path: string;
  /** With its `?`, or empty. It is forwarded unchanged. */
  query: string;
  /** The authority of an absolute-form target. It must be the same as in Host. */
  authority: string | undefined;
}

const ABSOLUTE_FORM = /^https:\/\/([^/?#]*)([/?][^#]*)?$/i;
const PRINTABLE = /^[\x21-\x7e]+$/;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Throws `bad_request` or `path_not_canonical`.
 * @example
 * const { path, query } = parseRequestTarget('/notes/%7Ealice?page=2');
 */
export function parseRequestTarget(target: string): RequestTarget {
  if (isPlainPath(target)) return { path: target, query: '', authority: undefined };
  if (!PRINTABLE.test(target) || target.includes('#')) {
    throw new GatehouseError('bad_request', 'The request target has characters that are not allowed in it.');
  }
  const absolute = ABSOLUTE_FORM.exec(target);
  const origin = absolute ? originForm(absolute[2] ?? '') : target;
  if (!origin.startsWith('/')) {
    throw new GatehouseError('bad_request', 'The request target must begin with a slash.');
  }
  const at = origin.indexOf('?');
  const path = at < 0 ? origin : origin.slice(0, at);
  const query = at < 0 ? '' : origin.slice(at);
  return { path: normalPath(path), query, authority: absolute?.[1] };
}

/** RFC 9112 §3.2.1: an empty path is sent as a slash. */
function originForm(rest: string): string {
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/**
 * Throws `path_not_canonical` with the reason, also for a path that some servers read as a different path.
 */
export function canonicalPath(path: string): string {
  const normal = normalPath(path);
  const ambiguity = ambiguityOf(normal);
  if (ambiguity) throw notCanonical(ambiguity.flaw);
  return normal;
}

export function notCanonical(flaw: string): GatehouseError {
  return new GatehouseError('path_not_canonical', `The path has ${flaw}: send it in its plain form.`);
}

// Also between encoded slashes and backslashes, because no route accepts them.
const DOT_SEGMENT = /(?:^|%2F|%5C)\.{1,2}(?:$|%2F|%5C)/;

/** Throws `path_not_canonical` for paths that no route accepts. */
function normalPath(path: string): string {
  if (isPlainPath(path)) return path;
  const segments = path.split('/').slice(1).map(normalSegment);
  if (segments.some((segment) => DOT_SEGMENT.test(segment))) throw notCanonical('a dot segment');
  return `/${segments.join('/')}`;
}

// Characters that need no escape in a path segment (pchar of RFC 3986 §3.3).
const SEGMENT_CHARACTER = /[A-Za-z0-9\-._~!$&'()*+,=:@]/;

function normalSegment(segment: string): string {
  let result = '';
  for (let index = 0; index < segment.length; index += 1) {
    const character = segment[index] ?? '';
    if (character !== '%') {
      result += character === ';' ? character : normalCharacter(character.charCodeAt(0));
      continue;
    }
    const digits = segment.slice(index + 1, index + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) throw notCanonical('a percent sign without two hexadecimal digits');
    result += normalCharacter(Number.parseInt(digits, 16));
    index += 2;
  }
  refuseInvalidUtf8(result);
  return result;
}

function normalCharacter(code: number): string {
  const character = String.fromCharCode(code);
  if (code < 0x20 || code === 0x7f) throw notCanonical('a control character');
  if (SEGMENT_CHARACTER.test(character)) return character;
  return `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
}

function refuseInvalidUtf8(segment: string): void {
  if (!/%[89A-F]/.test(segment)) return;
  const bytes = segment.replaceAll(/%([0-9A-F]{2})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  try {
    UTF8.decode(Buffer.from(bytes, 'latin1'));
  } catch (error) {
    throw new GatehouseError('path_not_canonical', 'The path is not valid UTF-8.', { cause: error });
  }
}
