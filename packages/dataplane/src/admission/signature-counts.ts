// The results of request signatures, for the metrics.
import { GatehouseError } from '@gatehouse/access';
import { fieldText, MessageSignatureError } from '@gatehouse/protocol';
import type { Counts } from '../counts/counts.ts';
import type { AdmissionState } from '../exchange/admission.ts';

/** Undefined for a request without a signature, and on a route that accepts no signatures. */
export function countSignature(
  { route, principal, fields }: AdmissionState,
  counts: Pick<Counts, 'outcome'>,
  error?: unknown,
): void {
  if (principal?.via === 'signature') counts.outcome('signature', 'verified');
  else if (route?.accept.includes('signature') && fieldText(fields, 'signature') !== undefined)
    counts.outcome('signature', reasonOf(error));
}

/**
 * `signature_invalid` without a cause comes from checks that only the gateway can make: the host and the
 * nonce.
 */
function reasonOf(error: unknown): string {
  if (!(error instanceof GatehouseError)) return 'failed';
  return error.cause instanceof MessageSignatureError ? error.cause.code : error.code;
}
