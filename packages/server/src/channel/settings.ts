// The settings under `channel`: the limits of encrypted endpoints. Times are in seconds.
import { z } from 'zod';
import { bytesOr, count, duration, toggle } from '../platform/settings/setting-types.ts';

const DAY_SECONDS = 86_400;

export const channelSettings = z
  .strictObject({
    offerLifetime: duration('10m', { min: 1, max: DAY_SECONDS }).describe(
      'The shortest time that a client has to answer an offered key; it may have up to twice as long',
    ),
    sessionLifetime: duration('10m', { min: 1, max: DAY_SECONDS }).describe(
      'How long a session lasts after its last message',
    ),
    messageAge: duration('60s', { min: 1, max: 3600 }).describe(
      'How far the time in a message may differ from now, in either direction',
    ),
    inOrder: toggle().describe(
      'Whether the server refuses a message that is older than the newest message of its session',
    ),
    maxSessions: count({ min: 1, max: 1_000_000 })
      .prefault(10_000)
      .describe('The greatest number of sessions'),
    maxExchanges: count({ min: 1, max: 10_000_000 })
      .prefault(200_000)
      .describe('How many client keys are accepted during the lifetime of an offer'),
    maxExchangesPerAddress: count({ min: 1, max: 10_000_000 })
      .prefault(100_000)
      .describe('The same limit for one IPv4 address or IPv6 /64'),
    maxMessageBytes: bytesOr('1MiB').describe(
      'The largest message with its envelope, and the largest answer of an upstream to one',
    ),
    maxMessages: count({ min: 4, max: 10_000_000 })
      .prefault(1_000_000)
      .describe(
        'How many messages the server remembers, so that it accepts each only once; one session may have a quarter',
      ),
  })
  .prefault({});

export type ChannelSettings = z.output<typeof channelSettings>;
