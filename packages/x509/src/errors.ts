// The errors of this package, with stable codes. A mistake of the calling program is a `TypeError` instead.
import type { x509ErrorCodes } from './error-codes.ts';

/** What is wrong with the input, for programs. These codes do not change between versions. */
export type X509ErrorCode = keyof typeof x509ErrorCodes;

/**
 * An error that input can cause. `code` is for programs and `message` for people. Neither contains key
 * material.
 * @example
 * if (error instanceof X509Error && error.code === 'certificate_expired') renew();
 */
export class X509Error extends Error {
  readonly code: X509ErrorCode;

  constructor(code: X509ErrorCode, detail: string, options?: ErrorOptions) {
    super(detail, options);
    this.name = 'X509Error';
    this.code = code;
  }
}

/**
 * Octets that are not the DER that was expected. `offset` counts octets from the start of the input.
 * @example
 * if (error instanceof DerError) console.error(`damaged at octet ${error.offset}`);
 */
export class DerError extends X509Error {
  readonly offset: number;

  constructor(detail: string, offset: number) {
    super('der_invalid', `${detail}, at offset ${offset}`);
    this.name = 'DerError';
    this.offset = offset;
  }
}
