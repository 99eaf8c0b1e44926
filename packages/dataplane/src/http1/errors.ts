// A fault in a message, with the code for the gateway's answer.

export type Http1Code =
  | 'bad_request'
  | 'host_invalid'
  | 'method_not_allowed'
  | 'header_too_large'
  | 'content_too_large'
  | 'expectation_failed'
  | 'upstream_failed';

export class Http1Error extends Error {
  readonly code: Http1Code;

  constructor(code: Http1Code, message: string) {
    super(message);
    this.name = 'Http1Error';
    this.code = code;
  }
}
