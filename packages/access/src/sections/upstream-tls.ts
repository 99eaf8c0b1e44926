// How the gateway verifies an upstream over TLS, and its client certificate there, in the form of the section
// `upstreams`.

/** Without `ca` and `pin`, the roots of the system are trusted. */
export interface UpstreamTls {
  /** PEM of the only roots that count. */
  ca: string | undefined;
  /** `sha256/` and the base64 of the SHA-256 of the leaf's required SPKI. */
  pin: string | undefined;
  /** PEM of the client certificate and its key, for an upstream that asks for one. */
  certificate: string | undefined;
  privateKey: string | undefined;
}
