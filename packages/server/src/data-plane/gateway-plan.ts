// The plan of the gateway for one configuration: routes with every name resolved, rules, the files of
// upstreams and certificates, and limits. A plan that cannot be served is refused before any part of it is in
// force.
import type {
  AllowRule,
  Clock,
  GatewayRoute,
  NamedIdentity,
  RoleInclusions,
  RouteTable,
  RunningSettings,
  SectionPolicy,
} from '@gatehouse/access';
import { createRouteTable, GatehouseError } from '@gatehouse/access';
import type { ServedPlaces } from '../authz/index.ts';
import { roleInclusions } from '../authz/index.ts';
import type { Config } from '../config.ts';
import type { ConfiguredResource, WatchedCertificates, WatchedUpstreamTls } from '../gateway/index.ts';
import {
  clientAuthenticationFor,
  keyTypesOf,
  policiesOfRequirements,
  policiesOfRules,
  requireAnswers,
  resolveRoutes,
  sampleRoutes,
  watchCertificates,
  watchUpstreamTls,
} from '../gateway/index.ts';
import type { Log } from '../platform/log/log.ts';
import { readSystemRoots } from '../platform/tls/system-roots.ts';

export interface GatewayPlan {
  config: Config;
  routes: readonly GatewayRoute[];
  table: RouteTable;
  rules: ReadonlyMap<string, AllowRule>;
  /** The policies that these rules mean, by their ids. */
  policies: ReadonlyMap<string, SectionPolicy>;
  /** For each role, all roles that it includes. */
  roles: RoleInclusions;
  /** The routes that are resources of OAuth, by their ids. */
  resources: ReadonlyMap<string, ConfiguredResource>;
  running: RunningSettings;
  upstreamTls: WatchedUpstreamTls;
  certificates: WatchedCertificates;
}

export interface PlanDeps {
  clock: Clock;
  log: Pick<Log, 'event'>;
  /** Our own roots, PEM. They change when the authority does. */
  ownRoots(): string;
  /** Why the running workers cannot use keys of these types; undefined if they can. */
  obstacle(keyTypes: readonly string[]): string | undefined;
  /** Why the running workers cannot answer tls-alpn-01; undefined if they can. */
  alpnObstacle(): string | undefined;
  /** Gives the changed files of upstreams to the workers. */
  upstreamsChanged(): Promise<void>;
  /** Lets the workers present a certificate whose files have changed. */
  present(key: string, identity: NamedIdentity): Promise<void>;
}

/**
 * `samples` is the origin of the sample services, if they serve. Throws `config_invalid`, with the route, the
 * setting or the file.
 */
export function planGateway(deps: PlanDeps, config: Config, samples: string | undefined): GatewayPlan {
  const { gateway, log } = config;
  const { upstreams, maxBodyBytes, signatures, clientCertificates } = gateway;
  const { routes, rules, resources } = resolveRoutes(samples === undefined ? gateway.routes : sampleRoutes, {
    upstream: gateway.upstream ?? samples,
    upstreams,
    maxBodyBytes,
    maxSignedBytes: signatures.maxBodyBytes,
    maxMessageBytes: config.channel.maxMessageBytes,
    clientCertificates,
  });
  requireAnswers(gateway, deps.alpnObstacle());
  const { handshake: _, ...timeouts } = gateway.timeouts;
  const upstreamTls = watchUpstreamTls(
    {
      ...deps,
      systemRoots: () => readSystemRoots(deps.log),
      changed: deps.upstreamsChanged,
    },
    { upstreams, routes },
  );
  const certificates = watchCertificates(deps, gateway.certificates);
  const plan: GatewayPlan = {
    config,
    routes,
    table: createRouteTable(routes),
    rules,
    policies: policiesOfRules(routes, rules),
    roles: roleInclusions(config.authz),
    resources,
    running: {
      logLevel: log.level,
      timeouts,
      minBodyBytesPerSecond: gateway.minBodyBytesPerSecond,
      maxHeaderBytes: gateway.maxHeaderBytes,
      maxHeaders: gateway.maxHeaders,
      maxConnections: gateway.maxConnections,
      clientCertificates: clientAuthenticationFor(clientCertificates, routes),
    },
    upstreamTls,
    certificates,
  };
  refuseUnusableKeys(deps, plan);
  return plan;
}

/** The number of upstreams of a plan, each counted once. */
export function upstreamsOf({ routes }: Pick<GatewayPlan, 'routes'>): number {
  return new Set(routes.map(({ upstream, upstreamTls }) => `${upstream} ${upstreamTls ?? ''}`)).size;
}

/** The routes and roles that policies can name. */
export function servedPlaces({ routes, table, policies, roles }: GatewayPlan): ServedPlaces {
  const generated = new Map([...policies, ...policiesOfRequirements(routes)]);
  return { routes, table, generated, roles };
}

/** The roles in the rules of its routes, and those that include others or are included. */
export function rolesNamedBy({ rules, roles: inclusions }: Pick<GatewayPlan, 'rules' | 'roles'>): string[] {
  const included = [...inclusions].flatMap(([role, others]) => [role, ...others]);
  return [...[...rules.values()].flatMap(({ roles = [] }) => roles), ...included];
}

/** Workers that do not run yet will start on a fitting runtime. */
function refuseUnusableKeys({ obstacle }: PlanDeps, { upstreamTls, certificates }: GatewayPlan): void {
  const presented = certificates.entries().map(([, identity]) => identity.certificateChain);
  const reason = obstacle([...upstreamTls.keyTypes(), ...keyTypesOf(presented.join(''))]);
  if (reason === undefined) return;
  throw new GatehouseError('config_invalid', `The certificates in the configuration: ${reason}.`);
}
