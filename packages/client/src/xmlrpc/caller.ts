// The other end of a call.

/** Who calls. A method that is not an arrow function has it as `this`. */
export interface XmlRpcCaller {
  address: string;
  /** The common name of the client's certificate, if the server requires one. */
  name?: string;
  /** The names (`DNS:…, URI:…`) in that certificate. */
  alternativeNames?: string;
}
