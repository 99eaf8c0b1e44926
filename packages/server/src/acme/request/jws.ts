// Signed requests (RFC 8555 §6.2): JWS in the flattened JSON serialization (RFC 7515 §7.2.2), everything in
// the protected header. Refuses the general and compact forms, unprotected headers, extensions that must be
// understood (`crit`), and base64url that is padded or not canonical. Other members are ignored (RFC 7515 §4,
// §7.2.1), and JSON `null` means that a member is absent.
import { decodeUtf8 } from '@gatehouse/protocol';
import { AcmeError } from '../problem.ts';

/** A JWS in the right form. Its signature has not been verified. */
export interface Jws {
  header: Readonly<Record<string, unknown>>;
  payload: Buffer;
  signingInput: Buffer;
  signature: Buffer;
}

/** Reads the body of a request. Throws `malformed`. */
export function parseJws(octets: Uint8Array): Jws {
  return readJws(parseJson(octets, 'The body'), 'The body');
}

/** Reads a JWS in the payload of another one, as JSON. `what` names it in errors. Throws `malformed`. */
export function readJws(value: unknown, what: string): Jws {
  const members = membersOf(value, what);
  const { protected: header, payload, signature } = members;
  const excess = ['header', 'signatures'].find((name) => Object.hasOwn(members, name));
  if (excess !== undefined) {
    throw malformed(`${what} must be a flattened JWS without "${excess}" (RFC 8555 §6.2)`);
  }
  return {
    header: readHeader(decode(header, 'protected')),
    payload: decode(payload, 'payload'),
    signingInput: Buffer.from(`${header}.${payload}`, 'latin1'),
    signature: decode(signature, 'signature'),
  };
}

function readHeader(octets: Buffer): Record<string, unknown> {
  const header = membersOf(parseJson(octets, 'The protected header'), 'The protected header');
  if (!Object.hasOwn(header, 'crit')) return header;
  throw malformed(
    '"crit" in the protected header names extensions, but this server supports none (RFC 7515 §4.1.11)',
  );
}

/** Members of a protected header. */
export interface HeaderMembers<T extends string> {
  /** Required members, each a text. */
  texts: readonly T[];
  /** Required members. */
  others?: readonly string[];
  /** Forbidden members. */
  absent?: readonly string[];
}

/** The header's texts. Throws `malformed`. */
export function requireMembers<T extends string>(
  { header }: Jws,
  { texts, others = [], absent = [] }: HeaderMembers<T>,
): Record<T, string> {
  const missing = [...texts, ...others].find((name) => !Object.hasOwn(header, name));
  if (missing !== undefined) throw malformed(`The protected header must have "${missing}"`);
  const excess = absent.find((name) => Object.hasOwn(header, name));
  if (excess !== undefined) throw malformed(`The protected header must not have "${excess}"`);
  const wrong = texts.find((name) => typeof header[name] !== 'string');
  if (wrong !== undefined) throw malformed(`"${wrong}" in the protected header must be a text`);
  return header as Record<T, string>;
}

/** The payload as a JSON object, without the members that are `null`. Throws `malformed`. */
export function jsonPayload({ payload }: Pick<Jws, 'payload'>): Record<string, unknown> {
  return membersOf(parseJson(payload, 'The payload'), 'The payload');
}

/**
 * Octets of strict base64url (RFC 7515 §2): no padding, only the alphabet, no unused bits. Throws
 * `malformed`.
 */
export function decode(text: unknown, name: string): Buffer {
  if (typeof text !== 'string') throw malformed(`"${name}" must be a text`);
  const octets = Buffer.from(text, 'base64url');
  if (octets.toString('base64url') !== text) throw malformed(`"${name}" is not base64url without padding`);
  return octets;
}

function parseJson(octets: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(decodeUtf8(octets));
  } catch (error) {
    throw malformed(`${what} is not JSON`, error);
  }
}

function membersOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed(`${what} must be a JSON object`);
  }
  // A new object would be slower to read, and `null` is rare.
  if (!Object.values(value).includes(null)) return value as Record<string, unknown>;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}

function malformed(problem: string, cause?: unknown): AcmeError {
  return new AcmeError('malformed', `${problem}.`, { cause });
}
