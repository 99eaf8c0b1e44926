// What can go wrong between a client and a server, with stable codes. A message is one line with a next step; it never
// holds a credential. HTTP statuses are answers, not errors.

export type ClientErrorCode =
  | 'connect' // no connection: name, network, refusal, handshake
  | 'timeout' // a limit of `Timeouts` passed
  | 'tls_trust' // the server's certificate is not one that this client trusts
  | 'client_certificate' // the server wants a certificate of this client, or does not accept the one it was shown
  | 'disconnected' // the connection ended before the answer did
  | 'protocol' // the answer is not HTTP as RFC 9112 has it
  | 'identity_plaintext'
  | 'identity_origin';

/** An expected failure of a request. `cause` is the error below it, for diagnosis. */
export class ClientError extends Error {
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ClientError';
    this.code = code;
  }
}
