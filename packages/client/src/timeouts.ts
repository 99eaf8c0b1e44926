// How long a client waits, and for what. Each limit covers one silence, so a long download that keeps coming is not cut.

/** All in seconds; an absent member has its default. */
export interface Timeouts {
  /** For the name, the TCP connection and the TLS handshake together. Default: 10. */
  connectSeconds?: number;
  /** From the end of the request to the end of the response's header. Default: 30. */
  headersSeconds?: number;
  /** Between two pieces of the response's body. Default: 30. */
  bodySeconds?: number;
}

export const defaultTimeouts: Required<Timeouts> = {
  connectSeconds: 10,
  headersSeconds: 30,
  bodySeconds: 30,
};
