// The setting that requires a stronger or newer sign-in, for a route of the gateway and for the admin API.
import type { StepUpRequirement } from '@gatehouse/access';
import { z } from 'zod';
import { duration } from './setting-types.ts';

const LEVELS = ['mfa', 'phishing-resistant'] as const;

/** A level, or an object with a level and the greatest age of the sign-in. */
export function stepUpSetting() {
  return z.union(
    [
      z.enum(LEVELS),
      z.strictObject({
        level: z
          .enum(LEVELS)
          .describe('`mfa` or `phishing-resistant`')
          .meta({ examples: ['mfa'] }),
        maxAge: duration('15m', { min: 1, max: 30 * 86_400 })
          .describe('The greatest age of the sign-in')
          .meta({ examples: ['15m'] }),
      }),
    ],
    { error: 'must be mfa or phishing-resistant, or an object with level and maxAge' },
  );
}

export type StepUpSetting = z.output<ReturnType<typeof stepUpSetting>>;

/** The requirement of the setting. */
export function stepUpRequirement(setting: StepUpSetting): StepUpRequirement {
  if (typeof setting === 'string') return { level: setting };
  return { level: setting.level, maxAgeSeconds: Math.floor(setting.maxAge) };
}
