// Verifies DPoP proofs (RFC 9449 §4.3): the client has the private key now, and made the proof for this
// request and this token. Another module checks whether the proof was used before.
import { hash } from 'node:crypto';
import { GatehouseError } from '../errors/errors.ts';
import type { CompactJws } from './compact-jws.ts';
import { readCompactJws } from './compact-jws.ts';
import type { ProofAlgorithm } from './proof-key.ts';
import { PROOF_ALGORITHMS, readProofKey } from './proof-key.ts';
import { isSameUrl } from './same-target.ts';

export interface DpopProof {
  /** `jkt` (RFC 9449 §6.1). */
  thumbprint: string;
  /** The unique id of the proof among the proofs of all keys. */
  id: string;
  /** Milliseconds since the epoch, by the clock of the client. */
  madeAt: number;
  /** Milliseconds since the epoch: when the proof becomes too old. */
  expiresAt: number;
  /** The nonce that a server gave (§9). */
  nonce: string | undefined;
}

/** The request and token for which a proof must be made. */
export interface ProvenRequest {
  method: string;
  target: string;
  host: string;
  accessToken: string;
}

const TYPE = 'dpop+jwt';
const PROOF_MAX_LENGTH = 4096;
const JTI_MAX_LENGTH = 512;
/** How old a proof may be, and how far the clock of a client may be ahead. */
const MAX_AGE_SECONDS = 60;
const TOLERANCE_SECONDS = 30;

/** `now` in seconds. Throws `dpop_proof_invalid`. */
export function verifyDpopProof(proof: string, request: ProvenRequest, now: number): DpopProof {
  try {
    if (proof.length > PROOF_MAX_LENGTH) throw new SyntaxError('too long');
    const jws = readCompactJws(proof);
    const thumbprint = requireSignature(jws);
    const { jti, iat, nonce } = requireClaims(jws.payload, request);
    if (iat > now + TOLERANCE_SECONDS) throw new SyntaxError('made in the future: check the clocks');
    if (iat < now - MAX_AGE_SECONDS) throw new SyntaxError('too old');
    const id = hash('sha256', `${thumbprint} ${jti}`, 'base64url');
    return { thumbprint, id, madeAt: iat * 1000, expiresAt: (iat + MAX_AGE_SECONDS + 1) * 1000, nonce };
  } catch (error) {
    throw error instanceof SyntaxError ? invalid(error) : error;
  }
}

function requireSignature({ header, signingInput, signature }: CompactJws): string {
  if (header.typ !== TYPE) throw new SyntaxError(`of another type than ${TYPE}`);
  if (header.crit !== undefined) throw new SyntaxError('with a critical extension');
  const algorithm = PROOF_ALGORITHMS.find((known) => known === header.alg) as ProofAlgorithm | undefined;
  if (!algorithm) throw new SyntaxError(`signed with another algorithm than ${PROOF_ALGORITHMS.join(', ')}`);
  const key = readProofKey(header.jwk);
  if (!key.verifies(algorithm, signingInput, signature)) throw new SyntaxError('signed by another key');
  return key.thumbprint;
}

function requireClaims(
  { jti, htm, htu, iat, ath, nonce }: CompactJws['payload'],
  request: ProvenRequest,
): { jti: string; iat: number; nonce: string | undefined } {
  if (typeof jti !== 'string' || jti === '' || jti.length > JTI_MAX_LENGTH)
    throw new SyntaxError('without a jti');
  if (typeof iat !== 'number' || !Number.isFinite(iat)) throw new SyntaxError('without an iat');
  if (htm !== request.method) throw new SyntaxError('for another method');
  if (typeof htu !== 'string' || !isSameUrl(htu, request)) throw new SyntaxError('for another URL');
  if (ath !== hash('sha256', request.accessToken, 'base64url')) throw new SyntaxError('for another token');
  if (nonce !== undefined && typeof nonce !== 'string')
    throw new SyntaxError('with a nonce that is not a text');
  return { jti, iat, nonce };
}

function invalid(cause: SyntaxError): GatehouseError {
  const detail = `The DPoP proof is not valid (${cause.message}): make a new one for each request.`;
  return new GatehouseError('dpop_proof_invalid', detail, { cause });
}
