// The group of a key exchange, read from the encoded TLS session, because Node and Bun do not show it to a
// server. Both libraries write it as INTEGER in a context-specific field near the end of the session.
const GROUPS: ReadonlyMap<number, string> = new Map([
  [0x11ec, 'X25519MLKEM768'],
  [0x11eb, 'SecP256r1MLKEM768'],
  [0x001d, 'X25519'],
  [0x0017, 'P-256'],
  [0x0018, 'P-384'],
  [0x0019, 'P-521'],
]);

/** [19] of SSL_SESSION_ASN1 (OpenSSL, ssl/ssl_asn1.c). */
export const OPENSSL_GROUP_FIELD = 0xb3;
/** [18] of the session in BoringSSL (ssl/ssl_asn1.cc). */
export const BORINGSSL_GROUP_FIELD = 0xb2;

/** `X25519MLKEM768`; `0x001e` for a group that we never offer; `unknown` if the session does not say. */
export function groupOfSession(session: Uint8Array | undefined, field: number): string {
  if (!session) return 'unknown';
  // `field length 02 length value`, the value in 1 to 3 octets. Backwards, because certificates come first.
  for (let at = session.length - 5; at >= 0; at -= 1) {
    if (session[at] !== field || session[at + 2] !== 0x02) continue;
    const size = session[at + 3] as number;
    if (size < 1 || size > 3 || session[at + 1] !== size + 2) continue;
    return nameOf(numberAt(session, at + 4, size));
  }
  return 'unknown';
}

function numberAt(octets: Uint8Array, at: number, size: number): number {
  let number = 0;
  for (let index = 0; index < size; index += 1) number = number * 256 + (octets[at + index] ?? 0);
  return number;
}

function nameOf(id: number): string {
  return GROUPS.get(id) ?? `0x${id.toString(16).padStart(4, '0')}`;
}
