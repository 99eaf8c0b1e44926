// The data for workers that open the channel of a route (docs/wire/encrypted-endpoint.md).

/** The secrets and limits that all workers share. */
export interface ChannelSource {
  /** The secrets for the ids and keys of offers, the newest first. */
  secrets: readonly {
    secret: Uint8Array;
    /** Milliseconds since the epoch. */
    endsAt: number;
  }[];
  /** The key that signs offers. */
  signing: {
    /** PKCS#8 in PEM. */
    privateKey: string;
    /** The certificate and its issuer, PEM. */
    chain: string;
    /** `sha256/` and base64. */
    fingerprint: string;
  };
  /** How far the time of a message may differ from now. */
  tokenSeconds: number;
  maxSessions: number;
  /** The largest message with its envelope, and the largest answer. */
  maxMessageBytes: number;
}
