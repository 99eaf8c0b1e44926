// Turns the request target on the wire into the one canonical path that is authorised and forwarded (RFC 9112
// §3.2, RFC 3986 §6.2.2). It refuses spellings that some servers read as another path: empty and dot
// segments, encoded slashes and backslashes, double encoding, path parameters, control characters, and bytes
// that are not UTF-8.
import { GatehouseError } from '../errors/errors.ts';

/** A request target in its parts. */
export interface RequestTarget {
  /** Canonical: escapes are decoded where possible, the others are in upper case. */
  path: string;
  /** With its `?`, or empty. It is forwarded unchanged. */
  query: string;
  /** The authority of an absolute-form target. It must agree with Host. */
  authority: string | undefined;
}

const ABSOLUTE_FORM = /^https:\/\/([^/?#]*)(\/[^#]*)?$/i;
const PRINTABLE = /^[\x21-\x7e]+$/;
// Most paths: they need no decision about any character.
const PLAIN_PATH = /^\/(?:[A-Za-z0-9_~-][\w.~-]*\/)*(?:[A-Za-z0-9_~-][\w.~-]*)?$/;
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Throws `bad_request` or `path_not_canonical`.
 * @example
 * const { path, query } = parseRequestTarget('/notes/%7Ealice?page=2');
 */
export function parseRequestTarget(target: string): RequestTarget {
  if (!PRINTABLE.test(target) || target.includes('#')) {
    throw new GatehouseError('bad_request', 'The request target has characters that are not allowed in it.');
  }
  const absolute = ABSOLUTE_FORM.exec(target);
  const origin = absolute ? (absolute[2] ?? '/') : target;
  if (!origin.startsWith('/')) {
    throw new GatehouseError('bad_request', 'The request target must begin with a slash.');
  }
  const at = origin.indexOf('?');
  const path = at < 0 ? origin : origin.slice(0, at);
  const query = at < 0 ? '' : origin.slice(at);
  return { path: canonicalPath(path), query, authority: absolute?.[1] };
}

/** Throws `path_not_canonical` with the reason. */
export function canonicalPath(path: string): string {
  if (PLAIN_PATH.test(path)) return path;
  const segments = path.split('/').slice(1).map(canonicalSegment);
  segments.forEach((segment, index) => {
    if (segment === '' && index < segments.length - 1) throw notCanonical('an empty segment (//)');
    if (segment === '.' || segment === '..') throw notCanonical('a dot segment');
  });
  return `/${segments.join('/')}`;
}

// Characters that may stand in a path segment unescaped (pchar of RFC 3986 §3.3), without the semicolon.
const SEGMENT_CHARACTER = /[A-Za-z0-9\-._~!$&'()*+,=:@]/;

function canonicalSegment(segment: string): string {
  let result = '';
  for (let index = 0; index < segment.length; index += 1) {
    const character = segment[index] ?? '';
    if (character !== '%') {
      result += canonicalCharacter(character.charCodeAt(0));
      continue;
    }
    const digits = segment.slice(index + 1, index + 3);
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) throw notCanonical('a percent sign without two hexadecimal digits');
    result += canonicalCharacter(Number.parseInt(digits, 16));
    index += 2;
  }
  // Checked on the decoded text: the digits after %25 may have been encoded themselves.
  if (/%25[0-9A-Fa-f]{2}/.test(result)) throw notCanonical('double encoding');
  refuseInvalidUtf8(result);
  return result;
}

function canonicalCharacter(code: number): string {
  const character = String.fromCharCode(code);
  if (code < 0x20 || code === 0x7f) throw notCanonical('a control character');
  if (character === '/' || character === '\\') throw notCanonical('an encoded slash or a backslash');
  if (character === ';') throw notCanonical('a path parameter (;)');
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

function notCanonical(what: string): GatehouseError {
  return new GatehouseError('path_not_canonical', `The path has ${what}: send it in its plain form.`);
}
