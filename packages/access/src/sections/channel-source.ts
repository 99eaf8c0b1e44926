// The data with which workers open the channel of a route (docs/wire/encrypted-endpoint.md).

/** The secrets and limits that all workers share. */
export interface ChannelSource {
  /** The secrets from which the ids and keys of offers are computed, the newest first. */
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
  /** Of a message with its envelope, and of an answer. */
  maxMessageBytes: number;
}
