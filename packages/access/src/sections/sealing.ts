// The keys and limits for sealed requests (Oblivious HTTP, RFC 9458), in the form of the section `sealing`.
// Without an entry, the gateway accepts no sealed requests.

/** A key pair that opens requests. Its id and its KEM are those of its key configuration (RFC 9458 §3.1). */
export interface SealingKey {
  id: number;
  kem: number;
  publicKey: Uint8Array;
  privateKey: Uint8Array;
}

/** The data for opening requests and offering keys. */
export interface Sealing {
  /** All keys that still open requests. */
  keys: readonly SealingKey[];
  /** The current keys for clients: `application/ohttp-keys` (RFC 9458 §3.2). */
  offer: Uint8Array;
  /** The header fields of an answer with the keys, by the authority of its request. */
  signatures: Readonly<Record<string, string[]>>;
  /** How far the inner Date may differ from our time. */
  windowSeconds: number;
  /** The largest message that is opened and sealed whole. */
  maxBytes: number;
  /**
   * A NumericDate. Earlier requests are refused, because after a restart it is unknown which of them were
   * used.
   */
  notBefore: number;
  /** The run of the clock in which all keys were made; undefined if some may be older. */
  run?: number | undefined;
}
