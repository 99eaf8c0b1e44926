// Base64 (RFC 4648 §4) in Node, with Buffer.

export function toBase64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64');
}

/** `text` has been checked. */
export function fromBase64(text: string): Uint8Array {
  return Buffer.from(text, 'base64');
}
