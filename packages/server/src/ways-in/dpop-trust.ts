// Which DPoP proofs are accepted, at both listeners: those that were made after the start, with a nonce if
// the configuration asks for it. The key of the nonces is replaced twice a day; nonces of the key before are
// accepted until the next time.
import { randomBytes } from 'node:crypto';
import type { DpopTrust } from '@gatehouse/access';
import type { Job } from '../platform/jobs/jobs.ts';

export interface DpopTrustSource {
  /** In force now. */
  readonly current: DpopTrust;
  /** Begins a new key. */
  rotate(): void;
}

const KEY_OCTETS = 32;
const KEYS = 2;
const ROTATION_SECONDS = 12 * 3600;

export function createDpopTrust({
  requireNonce,
  notBefore,
}: Pick<DpopTrust, 'requireNonce' | 'notBefore'>): DpopTrustSource {
  let nonceKeys: Uint8Array[] = [randomBytes(KEY_OCTETS)];
  let current: DpopTrust = { nonceKeys, requireNonce, notBefore };
  return {
    get current() {
      return current;
    },
    rotate() {
      nonceKeys = [randomBytes(KEY_OCTETS), ...nonceKeys].slice(0, KEYS);
      current = { ...current, nonceKeys };
    },
  };
}

/** `renew` has every process take the new key. */
export function rotateNonceKeys(trust: DpopTrustSource, renew: () => Promise<void>): Job {
  return {
    name: 'replace the key of DPoP nonces',
    intervalSeconds: ROTATION_SECONDS,
    async run() {
      if (!trust.current.requireNonce) return;
      trust.rotate();
      await renew();
    },
  };
}
