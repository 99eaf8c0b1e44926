// Signed requests (RFC 8555 §6.2): JWS in the flattened JSON serialisation (RFC 7515 §7.2.2), everything in the protected header.
// Refuses the general and compact forms, unprotected headers, header members other than those that must be there, and base64url
// that is padded or not canonical.
import { AcmeError } from '../problem.ts';

/** A JWS whose form is right. Nothing of it has been verified. */
export interface Jws {
  header: Readonly<Record<string, unknown>>;
  payload: Buffer;
  signingInput: Buffer;
  signature: Buffer;
}

const MEMBERS = ['payload', 'protected', 'signature'];

/** Reads the body of a request. Throws `malformed`. */
export function parseJws(octets: Uint8Array): Jws {
  return readJws(parseJson(octets, 'The body'), 'The body');
}

/** Reads a JWS that stands in the payload of another, as JSON. `what` names it in errors. Throws `malformed`. */
export function readJws(value: unknown, what: string): Jws {
  const jws = recordOf(value, what);
  if (Object.keys(jws).sort().join() !== MEMBERS.join()) {
    throw malformed(`${what} must be a flattened JWS with exactly "protected", "payload" and "signature"`);
  }
  const { protected: header, payload, signature } = jws;
  return {
    header: recordOf(parseJson(decode(header, 'protected'), 'The protected header'), 'The protected header'),
    payload: decode(payload, 'payload'),
    signingInput: Buffer.from(`${header}.${payload}`, 'latin1'),
    signature: decode(signature, 'signature'),
  };
}

/** The header's members, each a text; it must have these and no others. Throws `malformed`. */
export function requireTexts<T extends string>(
  { header }: Jws,
  names: readonly T[],
  others: readonly string[] = [],
): Record<T, string> {
  const expected = [...names, ...others];
  const exact =
    Object.keys(header).length === expected.length && expected.every((name) => Object.hasOwn(header, name));
  if (!exact) throw malformed(`The protected header must have exactly ${expected.join(', ')}`);
  for (const name of names) {
    if (typeof header[name] !== 'string') throw malformed(`"${name}" in the protected header must be a text`);
  }
  return header as Record<T, string>;
}

/** The payload as a JSON object. Throws `malformed`. */
export function jsonPayload({ payload }: Pick<Jws, 'payload'>): Record<string, unknown> {
  return recordOf(parseJson(payload, 'The payload'), 'The payload');
}

/** Octets of strict base64url (RFC 7515 §2): no padding, nothing else than the alphabet, no stray bits. Throws `malformed`. */
export function decode(text: unknown, name: string): Buffer {
  if (typeof text !== 'string') throw malformed(`"${name}" must be a text`);
  const octets = Buffer.from(text, 'base64url');
  if (octets.toString('base64url') !== text) throw malformed(`"${name}" is not base64url without padding`);
  return octets;
}

// A decoder would put U+FFFD for octets that are not UTF-8; two different texts must never become one.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parseJson(octets: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(utf8.decode(octets));
  } catch (error) {
    throw malformed(`${what} is not JSON`, error);
  }
}

function recordOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw malformed(`${what} must be a JSON object`);
}

function malformed(problem: string, cause?: unknown): AcmeError {
  return new AcmeError('malformed', `${problem}.`, { cause });
}
