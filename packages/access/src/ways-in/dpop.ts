// Redeems the DPoP proof that comes with a token (RFC 9449 §7): checks it, then claims it, so that all
// processes together accept it once.
import type { Claims } from '../admission/claims.ts';
import type { Clock } from '../clock.ts';
import { numericDate } from '../clock.ts';
import type { TokenTrust, VerifiedToken } from '../credentials/access-token.ts';
import { verifyDpopProof } from '../credentials/dpop-proof.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Presented } from './way-in.ts';

export interface ProofRedeemer {
  /** Throws or rejects with `dpop_proof_invalid`, `credential_invalid` or `unavailable`. */
  redeem(use: ProofUse): Promise<void>;
}

interface ProofUse {
  presented: Presented;
  accessToken: string;
  token: Pick<VerifiedToken, 'keyThumbprint'>;
}

/** `trust.audience` is the URL of the gateway or of the control plane. */
export function createProofRedeemer(
  claims: Claims,
  { audience }: Pick<TokenTrust, 'audience'>,
  clock: Clock,
): ProofRedeemer {
  const ownHost = new URL(audience).host;
  return {
    redeem({ presented: { dpop, request }, accessToken, token }) {
      if (dpop === undefined) throw refused('The token needs a proof in the field DPoP.');
      // A proof for another server, with its name in Host, must not be accepted here.
      if (!request.isOwnHost && !isHost(ownHost, request.host))
        throw refused(`Use the URL of this server: ${audience}.`);
      const { thumbprint, id, expiresAt } = verifyDpopProof(
        dpop,
        { ...request, accessToken },
        numericDate(clock),
      );
      if (thumbprint !== token.keyThumbprint)
        throw refused('The proof is by another key than that of the token.');
      return claimOnce(claims, { key: `dpop:${id}`, expiresAt });
    },
  };
}

async function claimOnce(claims: Claims, claim: { key: string; expiresAt: number }): Promise<void> {
  const outcome = await claims.claim(claim);
  if (outcome === 'first') return;
  if (outcome === 'again') throw refused('The DPoP proof was used before: make a new one for each request.');
  throw new GatehouseError('unavailable', 'Too many DPoP proofs are in use: try again in a minute.');
}

function isHost(own: string, host: string): boolean {
  return host === own || host === `${own}:443`;
}

function refused(detail: string): GatehouseError {
  return new GatehouseError('dpop_proof_invalid', detail);
}
