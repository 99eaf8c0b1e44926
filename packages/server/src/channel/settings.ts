// The settings under `channel`: the limits of encrypted endpoints. Times are in seconds.
import { z } from 'zod';
import { bytesOr, count, duration, toggle } from '../platform/settings/setting-types.ts';

const DAY_SECONDS = 86_400;

export const channelSettings = z
  .strictObject({
    offerLifetime: duration('10m', { min: 1, max: DAY_SECONDS }).describe(
      'How long a client has at least to answer an offered key with its own; at most twice as long',
    ),
    sessionLifetime: duration('10m', { min: 1, max: DAY_SECONDS }).describe(
      'How long a session lives after its last message',
    ),
    messageAge: duration('60s', { min: 1, max: 3600 }).describe(
      'How far the time in a message may lie from now, before or after it',
    ),
    inOrder: toggle().describe('Whether a message that is older than the newest of its session is refused'),
    maxSessions: count({ min: 1, max: 1_000_000 })
      .prefault(10_000)
      .describe('How many sessions there may be'),
    maxExchanges: count({ min: 1, max: 10_000_000 })
      .prefault(200_000)
      .describe('How many keys of clients are accepted while an offer lives'),
    maxExchangesPerAddress: count({ min: 1, max: 10_000_000 })
      .prefault(100_000)
      .describe('The same of one IPv4 address or IPv6 /64'),
    maxMessageBytes: bytesOr('1MiB').describe(
      'The largest message with its envelope, and the largest answer of an upstream to one',
    ),
    maxMessages: count({ min: 4, max: 10_000_000 })
      .prefault(1_000_000)
      .describe(
        'How many messages are remembered, so that none counts twice; one session may have a quarter',
      ),
  })
  .prefault({});

export type ChannelSettings = z.output<typeof channelSettings>;
