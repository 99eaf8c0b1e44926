// Values that both listeners accept only once: DPoP proofs and signatures from after the start, and nonces of
// this server. The key of DPoP nonces is replaced twice a day, and nonces of the previous key are accepted
// until the next replacement. After the clock was set back, all keys are replaced at once, because old nonces
// would become valid again.
import { randomBytes } from 'node:crypto';
import type { DigestTrust, DpopTrust, SignatureTrust } from '@gatehouse/access';
import type { Job } from '../platform/jobs/jobs.ts';
import type { ClaimStore } from '../platform/short-lived/claims.ts';

export interface OnceTrustInForce {
  readonly digest: DigestTrust;
  readonly dpop: DpopTrust;
  readonly signatures: SignatureTrust;
}

export interface OnceTrust {
  /** The current values. */
  readonly current: OnceTrustInForce;
  /** Begins a new key of DPoP nonces. */
  rotate(): void;
  /** Replaces all keys if the clock was set back. False if it was not. */
  renew(): boolean;
}

export interface OnceTrustOptions {
  /** Whether Digest offers MD5. */
  md5: boolean;
  /** Whether each DPoP proof must have a nonce. */
  requireNonce: boolean;
  /** How far `created` of a signature may be from now. */
  maxAgeSeconds: number;
  /** A NumericDate. Proofs and signatures from before this time are refused. */
  notBefore: number;
}

const KEY_OCTETS = 32;
const KEYS = 2;
const ROTATION_SECONDS = 12 * 3600;
const CHECK_SECONDS = 1;

/**
 * @example
 * const trust = createOnceTrust(claims, { md5: false, requireNonce: false, maxAgeSeconds: 60, notBefore: 0 });
 * createWaysIn({ ...trust.current, principals, tokens, claims, clock });
 */
export function createOnceTrust(claims: Pick<ClaimStore, 'run'>, options: OnceTrustOptions): OnceTrust {
  let current = begin(claims.run, options);
  return {
    get current() {
      return current;
    },
    rotate() {
      const nonceKeys = [randomBytes(KEY_OCTETS), ...current.dpop.nonceKeys].slice(0, KEYS);
      current = { ...current, dpop: { ...current.dpop, nonceKeys } };
    },
    renew() {
      const { run } = claims;
      if (run === current.dpop.run) return false;
      current = begin(run, options);
      return true;
    },
  };
}

function begin(run: number, options: OnceTrustOptions): OnceTrustInForce {
  const { md5, requireNonce, maxAgeSeconds, notBefore } = options;
  const key = () => randomBytes(KEY_OCTETS);
  return {
    digest: { run, nonceKey: key(), md5 },
    dpop: { run, nonceKeys: [key()], requireNonce, notBefore },
    signatures: { run, nonceKey: key(), maxAgeSeconds, notBefore },
  };
}

/** `renew` gives the new keys to every process. */
export function onceTrustJobs(trust: OnceTrust, renew: () => Promise<void>): Job[] {
  return [
    {
      name: 'replace the key of DPoP nonces',
      intervalSeconds: ROTATION_SECONDS,
      async run() {
        if (!trust.current.dpop.requireNonce) return;
        trust.rotate();
        await renew();
      },
    },
    {
      name: 'replace the keys of nonces after the clock was set back',
      intervalSeconds: CHECK_SECONDS,
      async run() {
        if (trust.renew()) await renew();
      },
    },
  ];
}
