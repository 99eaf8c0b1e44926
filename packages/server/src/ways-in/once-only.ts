// Values that both listeners accept only once: the claims, and the parts of Digest, DPoP and signatures with
// which claims from before the start may be forgotten.
import { setTimeout as wait } from 'node:timers/promises';
import type { Config } from '../config.ts';
import type { Foundation } from '../foundation.ts';
import { createClaimRows, firstSecondAfter } from '../platform/short-lived/claim-rows.ts';
import type { ClaimStore } from '../platform/short-lived/claims.ts';
import { openClaimStore } from '../platform/short-lived/claims.ts';
import { createClockRunRows } from '../platform/short-lived/clock-run-rows.ts';
import { openClockRuns } from '../platform/short-lived/clock-runs.ts';
import type { OnceTrust } from './once-trust.ts';
import { createOnceTrust } from './once-trust.ts';

export interface OnceOnly {
  claims: ClaimStore;
  trust: OnceTrust;
}

/** `isFirstStart`: there was no earlier process, so there are no claims to forget. */
export async function openOnceOnly(
  { clock, database }: Pick<Foundation, 'clock' | 'database'>,
  { gateway }: Pick<Config, 'gateway'>,
  isFirstStart: boolean,
): Promise<OnceOnly> {
  const runs = await openClockRuns({ clock, rows: createClockRunRows(database), wait });
  const claims = await openClaimStore({ clock, rows: createClaimRows(database), runs });
  const trust = createOnceTrust(claims, {
    md5: gateway.digest.md5,
    requireNonce: gateway.dpop.requireNonce,
    maxAgeSeconds: gateway.signatures.maxAge,
    notBefore: isFirstStart ? 0 : firstSecondAfter(clock.now()),
  });
  return { claims, trust };
}
