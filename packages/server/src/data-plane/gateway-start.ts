// Starts the gateway with the plan of the configuration, connects its workers to the feed, and can change the
// plan while they serve.
import { resolve } from 'node:path';
import type { NamedIdentity } from '@gatehouse/access';
import type { AcmeClient } from '../acme-client/index.ts';
import type { Capabilities } from '../capabilities.ts';
import type { Config } from '../config.ts';
import type { Foundation } from '../foundation.ts';
import type { Supervisor } from '../gateway/index.ts';
import { alpnObstacle, keyObstacle, startGateway } from '../gateway/index.ts';
import type { SigningKeys } from '../keyring/index.ts';
import type { HandshakeLog, Monitoring } from '../monitoring/index.ts';
import type { Places } from '../places.ts';
import type { DataFolder } from '../platform/data-folder/data-folder.ts';
import type { ConfigurationStart, ConfigurationState } from '../settings/configuration-state.ts';
import { createConfigurationState } from '../settings/configuration-state.ts';
import type { OnceOnly } from '../ways-in/once-only.ts';
import { onceTrustJobs } from '../ways-in/once-trust.ts';
import { openGatewayCertificates } from './gateway-certificates.ts';
import { recordFact } from './gateway-facts.ts';
import type { GatewayPlan } from './gateway-plan.ts';
import { planGateway, rolesNamedBy, servedPlaces } from './gateway-plan.ts';
import type { ServedPlan } from './gateway-sections.ts';
import { addGatewaySections, gatewaySections } from './gateway-sections.ts';

export interface GatewayStartDeps extends OnceOnly {
  foundation: Foundation;
  capabilities: Capabilities;
  places: Places;
  handshakes: HandshakeLog;
  assertionKeys: SigningKeys;
  answerKeys: SigningKeys;
  monitoring: Monitoring;
  /** The origin of the sample services, if they run. */
  samples: string | undefined;
}

export interface StartedGateway {
  gateway: Supervisor;
  configuration: ConfigurationState;
  /** The plan in force. */
  plan(): GatewayPlan;
  /** The certificates from ACME directories. The caller closes them. */
  certificates: AcmeClient;
}

/** Throws `config_invalid` and `listen_failed`. */
export async function startConfiguredGateway(
  deps: GatewayStartDeps,
  start: ConfigurationStart,
): Promise<StartedGateway> {
  const { foundation, capabilities, samples } = deps;
  const config = start.running;
  let running: Supervisor | undefined;
  let served: ServedPlan | undefined;

  function planFor(next: Config, samplesOrigin: string | undefined): GatewayPlan {
    const plan: GatewayPlan = planGateway(
      {
        ...foundation,
        ownRoots: deps.capabilities.ca.roots,
        obstacle: (keyTypes) => keyObstacle(running?.workers() ?? [], keyTypes, config.gateway.transport),
        alpnObstacle: () => alpnObstacle(running?.workers() ?? [], config.gateway.transport),
        upstreamsChanged: async () => served?.upstreamsChanged(),
        present: async (key: string, identity: NamedIdentity) => served?.present(plan, [key, identity]),
      },
      next,
      samplesOrigin,
    );
    return plan;
  }

  const { environment } = start.sources;
  const certificates = await openGatewayCertificates({ foundation, environment, served: () => served });
  served = await addGatewaySections({ ...deps, ordered: certificates }, planFor(config, samples));
  const inForce = served;
  foundation.roles.add(() => rolesNamedBy(inForce.current));
  foundation.roles.include(() => inForce.current.roles);
  const gateway = await startDataPlane(deps, config, served.current);
  running = gateway;
  const preparePolicies = (plan: GatewayPlan) =>
    capabilities.authz.prepareFolder(plan.config.authz.policies, servedPlaces(plan));
  const { policyWarnings } = capabilities.authz;
  const configuration = createConfigurationState(
    { foundation, served, planFor, preparePolicies, policyWarnings, samples },
    start,
  );
  const nonces = onceTrustJobs(deps.trust, served.trustChanged);
  for (const job of [...nonces, ...served.watches, configuration.watch, certificates.job]) {
    foundation.jobs.start(job);
  }
  return { gateway, configuration, plan: () => inForce.current, certificates };
}

async function startDataPlane(
  deps: GatewayStartDeps,
  config: Config,
  plan: GatewayPlan,
): Promise<Supervisor> {
  const { foundation, capabilities, places, handshakes, monitoring, claims } = deps;
  const { log, folder, feed } = foundation;
  const gateway = await startGateway(
    {
      log,
      logLevel: config.log.level,
      record: (fact) => monitoring.recording(recordFact({ ...foundation, capabilities }, fact)),
      claims,
      sessions: capabilities.channel.sessions,
      counted: monitoring.counted,
      exited: monitoring.exited,
      sections: () => gatewaySections(feed),
      handshakes: (records) => handshakes.record('gateway', records),
    },
    { ...config.gateway, tls: config.tls, accessLog: accessLogTarget(config, folder) },
    {
      ...places.gateway,
      workers: config.gateway.workers,
      keyTypes: [config.ca.keyType, ...plan.upstreamTls.keyTypes()],
    },
  );
  feed.subscribe(gateway);
  return gateway;
}

/** The absolute path of a file, `stdout` or `none`. */
export function accessLogTarget({ log }: Config, folder: DataFolder): string {
  return log.access === 'stdout' || log.access === 'none' ? log.access : resolve(folder.path, log.access);
}
