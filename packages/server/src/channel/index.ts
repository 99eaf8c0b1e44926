// Encrypted endpoints, whose payloads only the two ends can read: their limits, the key that signs their
// offers, and the state that the workers of the gateway share (docs/wire/encrypted-endpoint.md).
import type { EncryptedEndpointOptions, EncryptedSessions } from '@gatehouse/protocol';
import type { Ca } from '../ca/index.ts';
import type { Capability, CapabilityDeps, CapabilityKind } from '../platform/capability.ts';
import { createLabelledSums, single } from '../platform/metric.ts';
import { channelRoutes } from './channel-routes.ts';
import { createGatewayChannel } from './gateway-channel.ts';
import { sessionLimits } from './limits.ts';
import { createOfferSigner } from './offer-signer.ts';
import { channelSettings } from './settings.ts';

export type { ChannelKey } from './channel-routes.ts';

export interface Channel extends Capability {
  /** The options of an endpoint in this process. The first call issues the certificate of the signing key. */
  endpointOptions(): Promise<EncryptedEndpointOptions>;
  /** The sessions of the endpoints of all workers. */
  sessions: EncryptedSessions;
  /** Lets every worker open the channel of routes. */
  serve(): Promise<void>;
  /** Counts a message to the sample services: `decrypted`, or the reason why it was refused. */
  countSampleMessage(result: string): void;
}

type ChannelNeeds = CapabilityDeps & { ca: Pick<Ca, 'signing'> };

export const channelCapability: CapabilityKind<'channel', typeof channelSettings, ChannelNeeds, Channel> = {
  name: 'channel',
  migrations: [],
  settings: channelSettings,
  create({ ca, clock, feed }, settings) {
    const { signing } = ca;
    const signer = createOfferSigner(signing.current);
    const gateway = createGatewayChannel({ clock, feed, signing }, settings);
    const sampleMessages = createLabelledSums();
    return {
      async endpointOptions() {
        await signing.use();
        const { offerLifetime: offerSeconds, maxMessageBytes: maxBodyBytes } = settings;
        return { ...sessionLimits(settings), offerSeconds, maxBodyBytes, signer };
      },
      sessions: gateway.sessions,
      serve: gateway.serve,
      countSampleMessage: (result) => sampleMessages.add({ result }, 1),
      sections: { channels: gateway.section },
      jobs: [gateway.renewal],
      metrics: [
        single({
          name: 'gatehouse_channel_sessions',
          help: 'Sessions of the encrypted endpoints of routes.',
          kind: 'gauge',
          value: () => gateway.sessions.size,
        }),
        {
          name: 'gatehouse_sample_messages_total',
          help: 'Requests to the encrypted endpoint of the sample services: decrypted messages, and refusals by their reason.',
          kind: 'counter',
          read: sampleMessages.samples,
        },
      ],
      routes: channelRoutes(ca),
    };
  },
};
