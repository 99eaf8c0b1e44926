// The PEM for one side of a TLS connection: roots, a certificate chain and its key. Refuses PEM that OpenSSL
// would silently skip.
import type { SecureContextOptions } from 'node:tls';
import { certificatesIn, pairOf } from '../network/pem.ts';

/** What a side of the connection trusts, and its own certificate. All are PEM. */
export interface TlsCredentials {
  /** The roots for the other side's certificate. */
  ca?: string;
  /** The certificate of this side, followed by its intermediates. */
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
