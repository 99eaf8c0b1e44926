// Base64 (RFC 4648 §4) in a browser. In Node: base64-node.ts.

const AT_ONCE = 0x8000;

export function toBase64(octets: Uint8Array): string {
  let text = '';
  for (let at = 0; at < octets.length; at += AT_ONCE) {
    text += String.fromCharCode(...octets.subarray(at, at + AT_ONCE));
  }
  return btoa(text);
}

/** `text` has been checked. */
export function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
