// Reads a JWS in compact form (RFC 7515 §7.1). Accepts only three parts in canonical base64url without
// padding (§2). The first two must be JSON objects in UTF-8.

/** A JWS with a signature that was not verified yet. */
export interface CompactJws extends SignedParts {
  payload: Readonly<Record<string, unknown>>;
}

/** The same with any octets as its payload. */
export interface SignedParts {
  header: Readonly<Record<string, unknown>>;
  payload: unknown;
  /** The octets that the signature covers (§5.1). */
  signingInput: Buffer;
  signature: Buffer;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Throws `SyntaxError`. */
export function readCompactJws(text: string): CompactJws {
  const { payload, ...parts } = readSignedParts(text);
  return { ...parts, payload: jsonObject(payload) };
}

/** Throws `SyntaxError`. */
export function readSignedParts(text: string): SignedParts & { payload: Buffer } {
  const parts = text.split('.', 4);
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || !header || !payload || !signature) {
    throw new SyntaxError('not three parts with dots between them');
  }
  return {
    header: jsonObject(octets(header)),
    payload: octets(payload),
    signingInput: Buffer.from(`${header}.${payload}`, 'latin1'),
    signature: octets(signature),
  };
}

function jsonObject(part: Buffer): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(UTF8.decode(part));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new SyntaxError('a part is not a JSON object');
}

function octets(part: string): Buffer {
  const decoded = Buffer.from(part, 'base64url');
  // Node ignores characters that are not base64url, and the unused bits of the last character.
  if (decoded.toString('base64url') !== part) throw new SyntaxError('a part is not base64url');
  return decoded;
}
