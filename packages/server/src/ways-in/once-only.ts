// What counts once only, at both listeners: the claims, and what Digest, DPoP and signatures need so that
// claims of before the start may be forgotten.
import { randomBytes } from 'node:crypto';
import type { Claims, DigestTrust, SignatureTrust } from '@gatehouse/access';
import type { Config } from '../config.ts';
import type { Foundation } from '../foundation.ts';
import { createClaimRows, firstSecondAfter } from '../platform/short-lived/claim-rows.ts';
import { openClaimStore } from '../platform/short-lived/claims.ts';
import type { DpopTrustSource } from './dpop-trust.ts';
import { createDpopTrust } from './dpop-trust.ts';

export interface OnceOnly {
  claims: Claims;
  digest: DigestTrust;
  dpop: DpopTrustSource;
  signatures: SignatureTrust;
}

const NONCE_KEY_BYTES = 32;

/** `isFirstStart`: there was no process before, so there is nothing to forget. */
export async function openOnceOnly(
  { clock, database }: Pick<Foundation, 'clock' | 'database'>,
  { gateway }: Pick<Config, 'gateway'>,
  isFirstStart: boolean,
): Promise<OnceOnly> {
  const notBefore = isFirstStart ? 0 : firstSecondAfter(clock.now());
  return {
    claims: await openClaimStore({ clock, rows: createClaimRows(database) }),
    digest: { nonceKey: randomBytes(NONCE_KEY_BYTES), md5: gateway.digest.md5 },
    dpop: createDpopTrust({ requireNonce: gateway.dpop.requireNonce, notBefore }),
    signatures: { maxAgeSeconds: gateway.signatures.maxAge, notBefore },
  };
}
