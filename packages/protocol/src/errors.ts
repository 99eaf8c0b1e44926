// The one base error of this package: what can be expected to fail carries a stable code. Misuse is a TypeError.

/** Something expected that went wrong; `code` is stable, `message` is for people and holds no secret. */
export class ProtocolError<Code extends string = string> extends Error {
  readonly code: Code;

  constructor(code: Code, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = new.target.name;
    this.code = code;
  }
}
