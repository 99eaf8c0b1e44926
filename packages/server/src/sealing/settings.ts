// The settings under `sealing`.
import { z } from 'zod';
import { bytesOr, duration, toggle } from '../platform/settings/setting-types.ts';

export const sealingSettings = z
  .strictObject({
    enabled: toggle()
      .prefault(true)
      .describe('Whether the gateway accepts sealed requests (Oblivious HTTP) at /.well-known/ohttp-gateway'),
    keyLifetime: duration('1d', { min: 2, max: 30 * 86_400 }).describe(
      'How long the gateway offers a key; the key then opens requests for the same time again',
    ),
    window: duration('30s', { min: 1, max: 300 }).describe(
      'How far the Date inside a sealed request may differ from the server’s time',
    ),
    maxBytes: bytesOr('4MiB').describe(
      'The largest message that is sealed as a whole; larger messages are sealed in chunks',
    ),
  })
  .prefault({});

export type SealingSettings = z.output<typeof sealingSettings>;
