// Encrypted endpoints, whose payloads only the two ends can read: their limits, and the key that signs what
// they offer (docs/wire/encrypted-endpoint.md).
import type { OfferSigner, SessionLimits } from '@gatehouse/protocol';
import type { Ca } from '../ca/index.ts';
import type { Capability, CapabilityDeps, CapabilityKind } from '../platform/capability.ts';
import { channelRoutes } from './channel-routes.ts';
import { createOfferSigner } from './offer-signer.ts';
import type { ChannelSettings } from './settings.ts';
import { channelSettings } from './settings.ts';

export type { ChannelKey } from './channel-routes.ts';

export interface Channel extends Capability {
  /** Issues the certificate of the signing key, if that was not done before. */
  openSigner(): Promise<() => OfferSigner | undefined>;
  limits: SessionLimits & { offerSeconds: number };
}

type ChannelNeeds = CapabilityDeps & { ca: Pick<Ca, 'signing'> };

export const channelCapability: CapabilityKind<'channel', typeof channelSettings, ChannelNeeds, Channel> = {
  name: 'channel',
  migrations: [],
  settings: channelSettings,
  create({ ca }, settings) {
    const signer = createOfferSigner(ca.signing.current);
    return {
      async openSigner() {
        await ca.signing.use();
        return signer;
      },
      limits: limitsOf(settings),
      routes: channelRoutes(ca),
    };
  },
};

function limitsOf(settings: ChannelSettings): Channel['limits'] {
  const { maxSessions, maxExchanges, maxExchangesPerAddress, inOrder } = settings;
  return {
    offerSeconds: settings.offerLifetime,
    sessionSeconds: settings.sessionLifetime,
    tokenSeconds: Math.floor(settings.messageAge),
    maxTokens: settings.maxMessages,
    maxSessions,
    maxExchanges,
    maxExchangesPerAddress,
    inOrder,
  };
}
