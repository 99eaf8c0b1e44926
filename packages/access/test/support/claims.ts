// Claims in memory, and the other dependencies of the ways in.
import type { Claim, ClaimOutcome, Claims } from '../../src/admission/claims.ts';
import type { AnswerSigningSource } from '../../src/admission/signed-answer.ts';
import type { DigestTrust } from '../../src/ways-in/digest.ts';
import type { DpopTrust } from '../../src/ways-in/dpop.ts';
import type { SignatureTrust } from '../../src/ways-in/signature.ts';

export interface TestClaims extends Claims {
  /** All claims. */
  readonly claimed: readonly Claim[];
  /** The result or the error of the next claims; undefined: the correct result. */
  answer: ClaimOutcome | Error | undefined;
}

export function createTestClaims(): TestClaims {
  const claimed: Claim[] = [];
  return {
    claimed,
    answer: undefined,
    async claim(claim) {
      if (this.answer instanceof Error) throw this.answer;
      const isKnown = claimed.some(({ key }) => key === claim.key);
      claimed.push(claim);
      return this.answer ?? (isKnown ? 'again' : 'first');
    },
  };
}

export const DIGEST: DigestTrust = { run: 1, nonceKey: new Uint8Array(32).fill(7), md5: false };

export const DPOP: DpopTrust = {
  nonceKeys: [new Uint8Array(32).fill(8)],
  requireNonce: false,
  notBefore: 0,
  run: 1,
};

export const SIGNATURES: SignatureTrust = {
  maxAgeSeconds: 60,
  notBefore: 0,
  nonceKey: new Uint8Array(32).fill(9),
  run: 1,
};

/** Nothing is signed with it. */
export const ANSWERS: AnswerSigningSource = { privateKey: '', kid: 'test', keySet: '{"keys":[]}' };
