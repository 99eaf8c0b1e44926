// Limits of the device flow (RFC 8628): for codes that a person types, so that guessing the code of another
// person takes centuries (§5.1), and for devices that ask more often than every five seconds (§3.5).
import { hash } from 'node:crypto';
import type { Clock } from '@gatehouse/access';
import { addressShareOf } from '../../platform/limits/address-share.ts';
import { createTokenBuckets } from '../../platform/limits/token-buckets.ts';
import { OauthError } from '../token/oauth-error.ts';

export interface DeviceLimits {
  /** How many seconds the person must wait before the next code; 0: it may be checked. */
  typed(address: string): number;
  /** Throws `slow_down` for a device that asks too often. */
  asked(deviceCode: string): void;
}

/** Many people may share an address. There are 2.5e10 codes. */
const TYPED = { atOnce: 60, perHour: 600, keys: 10_000 };
const ASKED = { atOnce: 10, perHour: 720, keys: 10_000 };

export function createDeviceLimits(clock: Clock): DeviceLimits {
  const typed = createTokenBuckets(TYPED, clock);
  const asked = createTokenBuckets(ASKED, clock);
  return {
    typed: (address) => typed.take(addressShareOf(address)),
    asked(deviceCode) {
      if (asked.take(hash('sha256', deviceCode, 'base64url')) === 0) return;
      throw new OauthError('slow_down', 'The device asks too often: add five seconds to its interval.');
    },
  };
}
