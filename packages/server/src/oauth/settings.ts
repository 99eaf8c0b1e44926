// The settings under `oauth`.
import { z } from 'zod';
import { duration, toggle } from '../platform/setting-types.ts';

export const oauthSettings = z
  .strictObject({
    refreshTokenLifetime: duration('14d', { min: 60 }).describe(
      'How long a refresh token is accepted; each use replaces it with a new one',
    ),
    codeLifetime: duration('60s', { min: 5, max: 600 }).describe(
      'How long an authorization code is accepted',
    ),
    deviceCodeLifetime: duration('10m', { min: 60, max: 3600 }).describe(
      'How long a device code waits for the person who approves it',
    ),
    requireDpopNonce: toggle().describe(
      'Whether DPoP proofs at the token endpoint must have a nonce from this server',
    ),
    registration: toggle().describe(
      'Whether clients may register themselves (RFC 7591); they wait for approval by an administrator',
    ),
  })
  .prefault({});

export type OauthSettings = z.output<typeof oauthSettings>;
