// How sealed requests (Oblivious HTTP, RFC 9458) are opened, as the section `sealing` carries it. Without an
// entry, the gateway does not take any.

/** A key pair that opens requests. Its id and its KEM are those of its key configuration (RFC 9458 §3.1). */
export interface SealingKey {
  id: number;
  kem: number;
  publicKey: Uint8Array;
  privateKey: Uint8Array;
}

/** What a process needs to open requests and to offer its keys. */
export interface Sealing {
  /** All that still open requests. */
  keys: readonly SealingKey[];
  /** The current keys as clients get them: `application/ohttp-keys` (RFC 9458 §3.2). */
  offer: Uint8Array;
  /** The header fields of an answer with the keys, by the authority of its request. */
  signatures: Readonly<Record<string, string[]>>;
  /** How far the inner Date may be from our time. */
  windowSeconds: number;
  /** The largest message that is opened and sealed as a whole. */
  maxBytes: number;
  /** A NumericDate. Requests from before are refused, because a restart forgot which of them were used. */
  notBefore: number;
  /** The run of the clock in which all keys were made; undefined if some may be older. */
  run?: number | undefined;
}
