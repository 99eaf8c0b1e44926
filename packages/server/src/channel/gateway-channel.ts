// The data for routes of the gateway that open the channel: the secrets of offers, which all workers share,
// the key that signs offers, and the sessions. The requests of a client may come to any worker, so the
// sessions are here. Sessions and secrets are only in memory, so a restart ends every session.
import { randomBytes } from 'node:crypto';
import type { ChannelSource, Clock } from '@gatehouse/access';
import { createEncryptedSessions, createOfferSecrets, type EncryptedSessions } from '@gatehouse/protocol';
import type { SigningCertificate } from '../ca/index.ts';
import type { Feed } from '../platform/feed/feed.ts';
import type { OwnSection } from '../platform/feed/section.ts';
import { createOwnSection } from '../platform/feed/section.ts';
import type { Job } from '../platform/jobs/jobs.ts';
import { sessionLimits } from './limits.ts';
import type { ChannelSettings } from './settings.ts';

export interface GatewayChannel {
  /** Empty until a route opens the channel. */
  section: OwnSection<ChannelSource>;
  sessions: EncryptedSessions & { readonly size: number };
  /** Resolves when every worker can open the channel. */
  serve(): Promise<void>;
  renewal: Job;
}

export interface GatewayChannelDeps {
  clock: Clock;
  feed: Pick<Feed, 'alter'>;
  signing: Pick<SigningCertificate, 'use' | 'current' | 'onChange'>;
}

const CHECK_SECONDS = 15;

export function createGatewayChannel(
  { clock, feed, signing }: GatewayChannelDeps,
  settings: ChannelSettings,
): GatewayChannel {
  const now = () => clock.now();
  const random = (length: number) => new Uint8Array(randomBytes(length));
  const secrets = createOfferSecrets({ clock: now, random }, settings.offerLifetime);
  const section = createOwnSection<ChannelSource>('channels', []);
  let isServed = false;

  async function refresh(): Promise<void> {
    if (!isServed) return;
    await feed.alter(() => section.replace(entries()));
  }

  function entries(): [string, ChannelSource][] {
    const identity = signing.current();
    if (!identity) return [];
    const { pin, chain, privateKey } = identity;
    const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const source: ChannelSource = {
      secrets: secrets(),
      signing: { privateKey: pem, chain, fingerprint: pin },
      tokenSeconds: Math.floor(settings.messageAge),
      maxSessions: settings.maxSessions,
      maxMessageBytes: settings.maxMessageBytes,
    };
    return [['default', source]];
  }

  signing.onChange(refresh);
  return {
    section,
    sessions: createEncryptedSessions(now, sessionLimits(settings)),
    async serve() {
      isServed = true;
      await signing.use();
      await refresh();
    },
    renewal: {
      name: 'replace the secrets of encrypted endpoints',
      intervalSeconds: Math.min(CHECK_SECONDS, settings.offerLifetime / 4),
      run: refresh,
    },
  };
}
