// The errors between a client and a server, with stable codes. A message is one line that says what to do
// next. It contains no credential. HTTP statuses are answers, not errors.

/** What failed, for programs. These codes do not change between versions. */
export type ClientErrorCode =
  | 'connect' // no connection: name, network, refusal, handshake
  | 'timeout' // a limit of `Timeouts` passed
  | 'tls_trust' // this client does not trust the certificate of the server
  | 'client_certificate' // the server requires a client certificate, or does not accept this one
  | 'disconnected' // the connection ended before the answer was complete
  | 'protocol' // the answer is not HTTP (RFC 9112)
  | 'identity_plaintext' // the credential would go over plain HTTP
  | 'identity_origin'; // the credential belongs to another origin

/**
 * An expected failure of a request. `cause` is the original error, for diagnosis.
 * @example
 * if (error instanceof ClientError && error.code === 'timeout') tryAgain();
 */
export class ClientError extends Error {
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ClientError';
    this.code = code;
  }
}
