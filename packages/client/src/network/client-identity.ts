// A client certificate that can change while a client uses it.

/** A certificate chain and its key, both PEM. */
export interface ClientIdentity {
  certificate: string;
  key: string;
}

/** A client certificate that changes. */
export interface IdentitySource {
  current(): ClientIdentity;
  /** Calls `changed` with each new certificate, until the returned function is called. */
  watch(changed: (identity: ClientIdentity) => void): () => void;
}
