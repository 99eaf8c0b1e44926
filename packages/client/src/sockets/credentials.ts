// The PEM that both sides of a TLS connection are given: roots, a certificate chain and its key. Refuses what
// OpenSSL would skip in silence.
import type { SecureContextOptions } from 'node:tls';
import { certificatesIn, pairOf } from '../network/pem.ts';

/** Whom a side of the connection trusts, and what it shows of itself. All are PEM. */
export interface TlsCredentials {
  /** The roots that the other side's certificate must lead to. */
  ca?: string;
  /** The certificate of this side, and after it the intermediates. */
  certificate?: string;
  /** The private key of `certificate`. */
  key?: string;
}

/** Throws `TypeError` for PEM that cannot be used. */
export function secureContextOf({ ca, certificate, key }: TlsCredentials): SecureContextOptions {
  return {
    minVersion: 'TLSv1.2',
    ...(ca === undefined ? {} : { ca: certificatesIn(ca) }),
    ...(certificate === undefined && key === undefined ? {} : pairOf(certificate, key)),
  };
}
