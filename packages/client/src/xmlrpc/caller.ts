// The other end of a call.

/** The caller. Methods get it as `this`, unless they are arrow functions. */
export interface XmlRpcCaller {
  address: string;
  /** The common name of the client's certificate, if the server requires one. */
  name?: string;
  /** The names (`DNS:…, URI:…`) in that certificate. */
  alternativeNames?: string;
}
