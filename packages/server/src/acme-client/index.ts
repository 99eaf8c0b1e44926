// The ACME client (RFC 8555): certificates for our own listener from the directory of any authority. The
// folder `acme` has our own ACME server.
import { randomBytes } from 'node:crypto';
import type { ChallengeIdentity, Clock, NamedIdentity } from '@gatehouse/access';
import type { Events } from '../platform/feed/events.ts';
import type { KeyStore } from '../platform/keys/key-store.ts';
import type { Log } from '../platform/log/log.ts';
import type { Database } from '../platform/store/database.ts';
import { createAnswerers } from './answerers.ts';
import { createHttpChallenges } from './challenges/http-01.ts';
import type { ListenerCertificates } from './listener-certificates.ts';
import { openListenerCertificates } from './listener-certificates.ts';
import { obtain, openDirectory } from './order/obtain.ts';
import { askRenewalInfo } from './renewal/renewal-info.ts';
import { createCertificateStore } from './store/certificate-store.ts';

export type { ListenerCertificates } from './listener-certificates.ts';
export { orderWarnings } from './order/warnings.ts';
export type { ChallengeKind, OrderSettings } from './settings.ts';
export { certificateOrders } from './settings.ts';
export { acmeClientMigrations } from './store/store.ts';
export { listenerCertificateSchema } from './view.ts';

export interface AcmeClientDeps {
  clock: Clock;
  log: Log;
  database: Database;
  keyStore: KeyStore;
  events: Events;
  /** PEM of the roots to trust if no setting names others. */
  systemRoots(): string;
  /** The user agent, for directories. */
  userAgent: string;
  /** For the hooks of dns-01. */
  environment: NodeJS.ProcessEnv;
  /** Resolves when every worker presents the certificate. */
  present(key: string, identity: NamedIdentity): Promise<void>;
  /** Resolves when every worker answers the challenge for this name, or no worker answers it any more. */
  presentChallenge(name: string, identity: ChallengeIdentity | undefined): Promise<void>;
}

export interface AcmeClient extends ListenerCertificates {
  /** The answer to a challenge of http-01; undefined if there is none with this token. */
  httpAnswer(token: string): string | undefined;
}

export async function openAcmeClient(deps: AcmeClientDeps): Promise<AcmeClient> {
  const { clock, log, keyStore, presentChallenge } = deps;
  const http = createHttpChallenges();
  const now = () => clock.now();
  const tls = { now, randomBytes: (count: number) => randomBytes(count), present: presentChallenge };
  const own = {
    ...deps,
    keyStore,
    now,
    answerers: createAnswerers(http, tls, deps.environment),
    leftBehind: (error: unknown) =>
      log.event('gateway.acme_challenge_not_removed', { reason: String(error) }),
  };
  const certificates = await openListenerCertificates({
    clock,
    log,
    store: createCertificateStore(deps),
    chance: Math.random,
    present: deps.present,
    obtain: (settings, order) => obtain(own, settings, order),
    renewalInfo: async (settings, leaf, signal) =>
      askRenewalInfo(await openDirectory(own, settings, signal), leaf, now()),
  });
  return { ...certificates, httpAnswer: http.find };
}
