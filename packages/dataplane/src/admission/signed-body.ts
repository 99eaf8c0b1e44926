// The expected body of a signed request (RFC 9421 with RFC 9530): the signature covers only its digest. A
// request without a body needs no digest.
import type { Admission as Decisions, GatewayRoute } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import { fieldText, MessageSignatureError, verifyContentDigest } from '@gatehouse/protocol';
import type { Counts } from '../counts/counts.ts';
import type { AdmissionState, SignedBody } from '../exchange/admission.ts';

export function signedBody(
  { decisions, counts }: { decisions: Pick<Decisions, 'denyBody'>; counts: Pick<Counts, 'outcome'> },
  state: AdmissionState,
  { maxBodyBytes, maxSignedBytes = 0 }: GatewayRoute,
): SignedBody {
  return {
    maxBytes: Math.min(maxBodyBytes, maxSignedBytes),
    async verify(octets) {
      const digest = fieldText(state.fields, 'content-digest');
      if (digest === undefined && octets.length === 0) return;
      try {
        await verifyContentDigest(digest, octets);
      } catch (error) {
        if (!(error instanceof MessageSignatureError)) throw error;
        counts.outcome('signature', error.code);
        const options = { cause: error };
        await decisions.denyBody(state, new GatehouseError('signature_invalid', error.message, options));
      }
    },
  };
}
