// The base class of this package's errors, with stable codes. A mistake of the calling program is a TypeError
// instead.

/**
 * An error that input can cause. `code` is stable. `message` is for people, and contains no secret.
 * @example
 * if (error instanceof ProtocolError) log({ code: error.code });
 */
export class ProtocolError<Code extends string = string> extends Error {
  readonly code: Code;

  constructor(code: Code, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = new.target.name;
    this.code = code;
  }
}
