// Checks the DPoP proof of a token (RFC 9449 §7), and its nonce if this server asks for nonces (§9). Then it
// claims the proof, so that all processes together accept it once.
import type { ClaimOutcome, Claims } from '../admission/claims.ts';
import { uncertain } from '../admission/claims.ts';
import type { Clock } from '../clock.ts';
import { numericDate } from '../clock.ts';
import type { TokenTrust, VerifiedToken } from '../credentials/access-token.ts';
import { createDpopNonces } from '../credentials/dpop-nonce.ts';
import type { DpopProof } from '../credentials/dpop-proof.ts';
import { verifyDpopProof } from '../credentials/dpop-proof.ts';
import { GatehouseError } from '../errors/errors.ts';
import type { Presented } from './way-in.ts';

/** The rules for accepted proofs. */
export interface DpopTrust {
  /** The first key makes nonces. Nonces of the others are also accepted. All processes have the same keys. */
  nonceKeys: readonly Uint8Array[];
  /** Whether each proof must have a nonce from this server. */
  requireNonce: boolean;
  /**
   * A NumericDate. Earlier proofs are refused, because after a restart it is unknown which of them were used.
   */
  notBefore: number;
  /** The run of the clock in which all keys of nonces were made. */
  run: number;
}

export interface ProofRedeemer {
  /**
   * Throws or rejects with `dpop_proof_invalid`, `dpop_nonce_required`, `credential_invalid` or
   * `unavailable`.
   */
  redeem(use: ProofUse): Promise<void>;
  /** The nonce for the next proof; undefined if proofs need none. Default: as configured. */
  nonce(isRequired?: boolean): string | undefined;
}

interface ProofUse {
  presented: Presented;
  accessToken: string;
  token: Pick<VerifiedToken, 'keyThumbprint' | 'subject'>;
}

export interface ProofRedeemerDeps {
  claims: Claims;
  /** `audience` is the URL of the gateway or of the control plane. */
  tokens: Pick<TokenTrust, 'audience'>;
  trust: DpopTrust;
  clock: Clock;
}

export function createProofRedeemer({ claims, tokens, trust, clock }: ProofRedeemerDeps): ProofRedeemer {
  const { audience } = tokens;
  const ownHost = new URL(audience).host;
  const nonces = createDpopNonces(trust.nonceKeys, clock);

  /** Whether the proof has one of our nonces. */
  function requireNew({ madeAt, nonce }: DpopProof): boolean {
    if (madeAt < trust.notBefore * 1000) {
      throw refused('The DPoP proof is from before the last start of this server: make a new one.');
    }
    const isOurs = nonce !== undefined && nonces.accepts(nonce);
    if (trust.requireNonce && !isOurs) throw nonceRequired(nonce);
    return isOurs;
  }

  return {
    nonce: (isRequired = trust.requireNonce) => (isRequired ? nonces.current() : undefined),
    async redeem({ presented: { dpop, request }, accessToken, token }) {
      if (dpop === undefined) throw refused('This token needs a proof in the field DPoP.');
      // The Host field must not make a proof for another server valid here.
      if (!request.isOwnHost && !isHost(ownHost, request.host))
        throw refused(`Use the URL of this server: ${audience}.`);
      const proof = verifyDpopProof(dpop, { ...request, accessToken }, numericDate(clock));
      if (proof.thumbprint !== token.keyThumbprint)
        throw refused('The proof was signed with another key than the key of the token.');
      const run = requireNew(proof) ? trust.run : undefined;
      const { id, madeAt, expiresAt, nonce } = proof;
      const claim = { key: `dpop:${id}`, party: token.subject, madeAt, expiresAt, run };
      const outcome = await claims.claim(claim);
      // A nonce shows that the proof is new, also if the clock was set back.
      if (outcome === 'forgotten' && run === undefined) throw nonceRequired(nonce);
      requireFirst(outcome);
    },
  };
}

function nonceRequired(nonce: string | undefined): GatehouseError {
  const what = nonce === undefined ? 'has no nonce' : 'has a nonce that is too old';
  return new GatehouseError('dpop_nonce_required', `The DPoP proof ${what}: use that of this answer.`);
}

function requireFirst(outcome: ClaimOutcome): void {
  if (outcome === 'first') return;
  if (outcome === 'again') throw refused('The DPoP proof was used before: make a new one for each request.');
  throw uncertain(outcome, 'This caller used too many DPoP proofs within a minute: try again.');
}

function isHost(own: string, host: string): boolean {
  return host === own || host === `${own}:443`;
}

function refused(detail: string): GatehouseError {
  return new GatehouseError('dpop_proof_invalid', detail);
}
