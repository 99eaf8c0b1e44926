// What an OCSP answer says: of one certificate (RFC 6960 §2.2), and of the answer itself (RFC 6960 §4.2.1).
import type { RevocationReason } from '../revocation-reason.ts';

/** The status of one certificate. `unknown` is no reason to trust it. */
export type OcspStatus =
  | { readonly status: 'good' }
  | { readonly status: 'revoked'; readonly revokedAt: Date; readonly reason?: RevocationReason | undefined }
  | { readonly status: 'unknown' };

/** OCSPResponseStatus; every one but `successful` stands alone. */
export const OCSP_RESPONSE_STATUS = {
  successful: 0,
  malformedRequest: 1,
  internalError: 2,
  tryLater: 3,
  sigRequired: 5,
  unauthorized: 6,
} as const;

export type OcspResponseStatus = keyof typeof OCSP_RESPONSE_STATUS;

/** Why a responder gives no answer. */
export type OcspError = Exclude<OcspResponseStatus, 'successful' | 'sigRequired'>;
