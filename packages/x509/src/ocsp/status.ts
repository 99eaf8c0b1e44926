// The values of an OCSP answer: the status of one certificate (RFC 6960 §2.2), and that of the answer itself
// (§4.2.1).
import type { RevocationReason } from '../revocation-reason.ts';

/** The status of one certificate. Do not trust a certificate that is `unknown`. */
export type OcspStatus =
  | { readonly status: 'good' }
  | { readonly status: 'revoked'; readonly revokedAt: Date; readonly reason?: RevocationReason | undefined }
  | { readonly status: 'unknown' };

/** OCSPResponseStatus. Only `successful` comes with an answer. */
export const OCSP_RESPONSE_STATUS = {
  successful: 0,
  malformedRequest: 1,
  internalError: 2,
  tryLater: 3,
  sigRequired: 5,
  unauthorized: 6,
} as const;

/** Whether a responder gives an answer, by the names of RFC 6960 §4.2.1. */
export type OcspResponseStatus = keyof typeof OCSP_RESPONSE_STATUS;

/** Why a responder gives no answer. */
export type OcspError = Exclude<OcspResponseStatus, 'successful' | 'sigRequired'>;
