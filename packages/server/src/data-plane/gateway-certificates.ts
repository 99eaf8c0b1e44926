// Certificates of the gateway from ACME directories: connects the ACME client with the section `tls` of the
// workers, and with the listener for plain HTTP.
import type { ChallengeIdentity, NamedIdentity } from '@gatehouse/access';
import type { AcmeClient } from '../acme-client/index.ts';
import { openAcmeClient } from '../acme-client/index.ts';
import type { Config } from '../config.ts';
import type { Foundation } from '../foundation.ts';
import { createPlainHttp } from '../gateway/index.ts';
import type { Places } from '../places.ts';
import { connectionLimits } from '../platform/limits/connection-shares.ts';
import type { Listener } from '../platform/listening/control-server.ts';
import { listenHttp } from '../platform/listening/control-server.ts';
import { readSystemRoots } from '../platform/tls/system-roots.ts';
import { VERSION } from '../platform/version.ts';
import type { ServedPlan } from './gateway-sections.ts';

export interface GatewayCertificatesDeps {
  foundation: Foundation;
  environment: NodeJS.ProcessEnv;
  /** The sections of the workers; undefined until there are workers. */
  served(): ServedPlan | undefined;
}

/** Reads the stored certificates. Orders nothing before its job runs. */
export function openGatewayCertificates({
  foundation,
  environment,
  served,
}: GatewayCertificatesDeps): Promise<AcmeClient> {
  return openAcmeClient({
    ...foundation,
    environment,
    systemRoots: () => readSystemRoots(foundation.log),
    userAgent: `gatehouse/${VERSION}`,
    present: async (key: string, identity: NamedIdentity) => served()?.presentOrdered(key, identity),
    presentChallenge: async (name: string, identity: ChallengeIdentity | undefined) =>
      served()?.presentChallenge(name, identity),
  });
}

export interface PlainHttpStart {
  foundation: Pick<Foundation, 'refusals'>;
  /** The value at the start of the server. */
  config: Config;
  /** The settings in force. */
  current(): Config;
  places: Pick<Places, 'gateway'>;
  certificates: Pick<AcmeClient, 'httpAnswer'>;
}

/** The listener for plain HTTP, if `gateway.httpListen` is set. Throws `listen_failed`. */
export async function startPlainHttp(start: PlainHttpStart): Promise<Listener | undefined> {
  const { foundation, config, current, places, certificates } = start;
  const { httpListen } = config.gateway;
  if (httpListen === undefined) return undefined;
  const setting = 'gateway.httpListen';
  const handle = createPlainHttp({
    answer: certificates.httpAnswer,
    url: places.gateway.url,
    names: () => orderedNames(current()),
  });
  return listenHttp(handle, {
    ...httpListen,
    setting,
    connections: connectionLimits(config.control),
    refused: (kind, address) =>
      foundation.refusals.count({ type: `gateway.connection_${kind}`, subject: setting, address }),
  });
}

/** The names of all certificates of `gateway.acme`. */
export function orderedNames({ gateway }: Pick<Config, 'gateway'>): string[] {
  return gateway.acme.flatMap(({ names }) => names);
}
