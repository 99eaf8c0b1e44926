// The settings under `channel`, with the names of @gatehouse/protocol.
import type { SessionLimits } from '@gatehouse/protocol';
import type { ChannelSettings } from './settings.ts';

export function sessionLimits(settings: ChannelSettings): SessionLimits {
  const { maxSessions, maxExchanges, maxExchangesPerAddress, inOrder } = settings;
  return {
    sessionSeconds: settings.sessionLifetime,
    tokenSeconds: Math.floor(settings.messageAge),
    maxTokens: settings.maxMessages,
    maxSessions,
    maxExchanges,
    maxExchangesPerAddress,
    inOrder,
  };
}
