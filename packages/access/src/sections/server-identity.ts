// The identities of a TLS listener, in the form of the section `tls`.

/** The identity of a TLS server, and its keys for resuming sessions. */
export interface ServerIdentity {
  /** PEM. */
  privateKey: string;
  /** PEM, leaf first. */
  certificateChain: string;
  /** 48 bytes that seal session tickets. All workers share them, so that each can resume any session. */
  ticketKeys: Uint8Array;
  /** A fresh OCSP response for the certificate, in DER: stapled for clients that ask (RFC 8446 §4.4.2.1). */
  ocspResponse?: Uint8Array;
  /**
   * PEM of the roots and intermediates for client certificates. Without it, the server requests no
   * certificate.
   */
  clientRoots?: string;
}

/** A certificate from files or from an ACME directory, for clients that ask for one of its names. */
export interface NamedIdentity {
  /** In lower case; also `*.example.com`. */
  names: readonly string[];
  /** PEM. */
  privateKey: string;
  /** PEM, leaf first. */
  certificateChain: string;
}

/** The answer to a tls-alpn-01 challenge, for clients that speak only this protocol (RFC 8737 §3). */
export interface ChallengeIdentity extends NamedIdentity {
  protocol: 'acme-tls/1';
}
