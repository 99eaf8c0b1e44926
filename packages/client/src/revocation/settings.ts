// How a client learns whether a certificate was revoked. A stapled answer always counts, and so does the
// demand for one (RFC 7633). Everything else is a choice, because most servers do not staple, and responders
// are often silent.

/** Which sources count. `trust` and `connectTls` take it. */
export interface RevocationOptions {
  /**
   * `stapled`, the default: what the server sends. `ask`: also the OCSP responder or else the revocation list
   * that the certificate names; if none answers, the certificate is accepted. `require`: the same, but then
   * it is refused.
   */
  revocation?: RevocationMode;
  /**
   * Revocation lists, PEM. One of them must be current and cover the certificate; otherwise it is refused.
   */
  crl?: string | readonly string[];
}

/** What to do about sources that are asked. */
export type RevocationMode = 'stapled' | 'ask' | 'require';

/** The options, checked. */
export interface RevocationSettings {
  mode: RevocationMode;
  /** PEM. */
  lists: readonly string[];
  /** When a certificate, by the SHA-256 of its DER, was last found to be good: milliseconds since 1970. */
  good: Map<string, number>;
}

/** Throws `TypeError` for text that is no revocation list. */
export function readRevocation({ revocation = 'stapled', crl = [] }: RevocationOptions): RevocationSettings {
  const lists = [crl].flat().flatMap(blocksIn);
  return { mode: revocation, lists, good: new Map() };
}

function blocksIn(pem: string): string[] {
  const blocks = pem.match(/-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----/g);
  if (blocks === null) throw new TypeError('crl must be PEM with one or more revocation lists (X509 CRL)');
  return blocks;
}
