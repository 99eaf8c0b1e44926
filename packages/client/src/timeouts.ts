// How long a client waits. Each limit is for one pause, so a long download continues while data arrives.

/** All limits are in seconds. A missing member has its default. */
export interface Timeouts {
  /** For DNS, TCP and the TLS handshake together. Default: 10. */
  connectSeconds?: number;
  /** From the end of the request to the end of the answer's header. Default: 30. */
  headersSeconds?: number;
  /** Between two pieces of the answer's body. Default: 30. */
  bodySeconds?: number;
}

/** The limits of `client`. */
export interface AllTimeouts extends Timeouts {
  /**
   * For a request with its retries, redirects and content. It does not limit content that is read as a
   * stream. Default: 300. `Infinity`: no limit.
   */
  totalSeconds?: number;
}

export const defaultTimeouts: Required<Timeouts> = {
  connectSeconds: 10,
  headersSeconds: 30,
  bodySeconds: 30,
};

export const defaultTotalSeconds = 300;
