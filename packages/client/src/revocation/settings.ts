// How a client checks for revocation. It always checks a stapled answer, and requires one if the certificate
// does (RFC 7633). Other sources are optional, because most servers do not staple and many responders do not
// answer.

/** Which sources count. `trust` and `connectTls` take it. */
export interface RevocationOptions {
  /**
   * `stapled`, the default: only the answer that the server sends. `ask`: also the OCSP responder of the
   * certificate, or its revocation list; if none answers, the certificate is accepted. `require`: as `ask`,
   * but if none answers, the certificate is refused.
   */
  revocation?: RevocationMode;
  /**
   * Revocation lists, PEM. One must be current and cover the certificate; otherwise the certificate is
   * refused.
   */
  crl?: string | readonly string[];
}

/** When sources are asked. */
export type RevocationMode = 'stapled' | 'ask' | 'require';

/** The options, checked. */
export interface RevocationSettings {
  mode: RevocationMode;
  /** PEM. */
  lists: readonly string[];
  /** When a certificate was last found to be good, in milliseconds since 1970. By the SHA-256 of its DER. */
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
