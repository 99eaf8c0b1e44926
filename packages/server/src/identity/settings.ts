// The settings under `identity`.
import { z } from 'zod';
import { count, duration } from '../platform/settings/setting-types.ts';
import { providerList } from './providers/provider-settings.ts';

export const identitySettings = z
  .strictObject({
    tokenLifetime: duration('15m', { min: 1, max: 86_400 }).describe('Lifetime of an access token'),
    passwordMinLength: count({ min: 8, max: 128 })
      .prefault(8)
      .describe('Fewest characters of a new password'),
    passwordMinLengthAlone: count({ min: 8, max: 128 })
      .prefault(8)
      .describe(
        'Fewest characters for a person without TOTP, whose password is the only factor: NIST SP 800-63B-4 asks for 15',
      ),
    refreshIdle: duration('8h', { min: 1, max: 365 * 86_400 }).describe(
      'How long a refresh token stays valid without use',
    ),
    refreshLifetime: duration('1d', { min: 1, max: 365 * 86_400 }).describe(
      'How long refresh tokens can be used after a sign-in',
    ),
    resetLifetime: duration('1h', { min: 60, max: 7 * 86_400 }).describe(
      'How long a link to choose a new password works',
    ),
    hashConcurrency: count({ min: 1, max: 16 })
      .prefault(2)
      .describe('Password hashes computed at the same time'),
    hashQueue: count({ min: 0, max: 10_000 })
      .prefault(64)
      .describe('Sign-ins from one address that may wait for a hash; more get 429'),
    sessionLifetime: duration('24h', { min: 60, max: 90 * 86_400 }).describe(
      'How long a browser session lasts, even if it is in use',
    ),
    sessionIdle: duration('1h', { min: 60, max: 90 * 86_400 }).describe(
      'How long a browser session lasts without use',
    ),
    providers: providerList,
  })
  .prefault({});

export type IdentitySettings = z.output<typeof identitySettings>;
