// Resolves the configured routes for the workers: every upstream name, every default, and the
// zero-configuration routes if none are configured.
import type { AllowRule, ChannelRule, CorsRule, GatewayRoute } from '@gatehouse/access';
import { compilePattern, DEFAULT_METHODS, GatehouseError, hides } from '@gatehouse/access';
import { stepUpRequirement } from '../../platform/settings/step-up-setting.ts';
import type { ClientAuthentication } from '../../platform/tls/tls.ts';
import type { ConfiguredUpstream } from '../settings.ts';
import { hasTlsSettings, SYSTEM_ROOTS } from '../tls/upstream-tls.ts';
import { policyNames } from './route-policies.ts';
import { parseUpstreamUrl } from './route-setting-types.ts';
import type { ConfiguredRoute } from './route-settings.ts';

export interface RouteDefaults {
  /** The upstream of routes that name no upstream. */
  upstream: string | undefined;
  upstreams: Readonly<Record<string, ConfiguredUpstream>>;
  maxBodyBytes: number;
  /** The largest body of a signed request or answer. */
  maxSignedBytes: number;
  /** The largest body on a route that opens the channel. */
  maxMessageBytes?: number | undefined;
  /** Whether the handshake requests a client certificate; default: true. */
  clientCertificates?: ClientAuthentication | undefined;
}

/** Throws `config_invalid`, naming the route. */
export function resolveRoutes(
  configured: readonly ConfiguredRoute[],
  defaults: RouteDefaults,
): {
  routes: GatewayRoute[];
  rules: Map<string, AllowRule>;
  resources: Map<string, ConfiguredResource>;
} {
  const rules = new Map<string, AllowRule>();
  const resources = new Map<string, ConfiguredResource>();
  const withoutCertificates = defaults.clientCertificates === 'off';
  const waysIn = withoutCertificates ? DEFAULT_METHODS.filter((way) => way !== 'mtls') : DEFAULT_METHODS;
  const requested: readonly ConfiguredRoute[] =
    configured.length > 0 ? configured : [{ path: '/*', access: 'authenticated' }];
  const names = policyNames(requested);
  const routes = requested.map((route, index): GatewayRoute => {
    refuseContradiction(route);
    if (withoutCertificates && route.accept?.includes('mtls')) throw mtlsUnavailable(route.path);
    const id = `${index + 1}:${route.path}`;
    if (route.allow) rules.set(id, route.allow);
    if (route.resource) resources.set(id, resourceOf(route));
    const { origin, path, tls } = resolveUpstream(route, defaults);
    return {
      id,
      policyName: names[index] as string,
      position: index,
      path: route.path,
      host: route.host?.toLowerCase(),
      methods: route.methods,
      upstream: origin,
      upstreamTls: tls,
      paths: route.paths === 'any' ? 'any' : undefined,
      stripPrefix: route.stripPrefix,
      addPrefix: path + (route.addPrefix ?? '') || undefined,
      cors: route.cors && corsRule(route.cors, route.methods),
      access: route.access,
      accept: route.accept ?? waysIn,
      require: route.require && stepUpRequirement(route.require),
      attributes: route.attributes,
      action: route.action,
      query: route.query,
      headers: route.headers,
      ...signedSettings(route, defaults),
      channel: route.channel && channelRule(route.channel),
      maxBodyBytes: Math.min(
        route.maxBodyBytes ?? defaults.maxBodyBytes,
        (route.channel && defaults.maxMessageBytes) ?? Number.POSITIVE_INFINITY,
      ),
    };
  });
  refuseHiddenRoutes(routes);
  return { routes, rules, resources };
}

function signedSettings(
  { signResponses, accept }: ConfiguredRoute,
  { maxSignedBytes }: RouteDefaults,
): Pick<GatewayRoute, 'signResponses' | 'maxSignedBytes'> {
  if (!signResponses && !accept?.includes('signature')) return {};
  return { maxSignedBytes, ...(signResponses && { signResponses }) };
}

/**
 * Whether the handshake asks for a client certificate with `setting`. It asks for none if no route accepts
 * one.
 */
export function clientAuthenticationFor(
  setting: ClientAuthentication,
  routes: readonly GatewayRoute[],
): ClientAuthentication {
  if (setting !== 'request') return setting;
  return routes.some(({ accept }) => accept.includes('mtls')) ? setting : 'off';
}

/** A configured route that is a resource of OAuth. */
export interface ConfiguredResource {
  name: string | undefined;
  scopes: readonly string[];
}

/** Throws `config_invalid` for a route that does not accept tokens. */
function resourceOf({ path, access, accept, allow, resource }: ConfiguredRoute): ConfiguredResource {
  if (access === 'public' || accept?.includes('bearer') === false) {
    throw unresolved(path, 'is a resource of OAuth, so it must accept bearer tokens');
  }
  const { name, scopes = allow?.scopes ?? [] } = resource === true || !resource ? {} : resource;
  return { name, scopes };
}

function refuseContradiction(route: ConfiguredRoute): void {
  const { path, access } = route;
  compilePattern(path);
  refuseStrangePrefix(route);
  refuseHalfChannel(route);
  const idle = access === 'public' && FOR_CALLERS.find((name) => route[name] !== undefined);
  if (!idle) return;
  throw unresolved(path, `is public, which admits everyone: remove access: 'public', or ${idle}`);
}

/** An encrypted endpoint offers its key to GET, and takes messages by POST. */
function refuseHalfChannel({ path, channel, methods }: ConfiguredRoute): void {
  if (!channel || !methods || CHANNEL_METHODS.every((method) => methods.includes(method))) return;
  throw unresolved(
    path,
    'has a channel, but not the methods GET and POST: add both to methods, or remove methods',
  );
}

const CHANNEL_METHODS = ['GET', 'POST'];

/** Settings that have no effect on a route without a decision. */
const FOR_CALLERS = ['allow', 'accept', 'require', 'attributes', 'action', 'query', 'headers'] as const;

function refuseHiddenRoutes(routes: readonly GatewayRoute[]): void {
  for (const [index, later] of routes.entries()) {
    const earlier = routes.slice(0, index).find((route) => hides(route, later));
    if (!earlier) continue;
    if (hides(later, earlier)) throw unresolved(later.path, 'is configured twice: remove one of the two');
    throw unresolved(
      later.path,
      `is never reached, because the earlier route ${earlier.path} takes all its requests: move it above that route`,
    );
  }
}

interface ResolvedUpstream {
  /** `http://127.0.0.1:3000`, or `unix:/run/notes.sock`. */
  origin: string;
  /** The path of its URL, without a slash at the end. */
  path: string;
  /** The entry of the section `upstreams`, for an upstream over TLS. */
  tls: string | undefined;
}

function resolveUpstream({ path, upstream }: ConfiguredRoute, defaults: RouteDefaults): ResolvedUpstream {
  if (upstream === undefined) {
    if (defaults.upstream !== undefined) return located(defaults.upstream);
    throw unresolved(path, 'names no upstream: add one, or set gateway.upstream');
  }
  const named = Object.hasOwn(defaults.upstreams, upstream) ? defaults.upstreams[upstream] : undefined;
  if (typeof named === 'string') return located(named);
  if (named) return located(named.url, hasTlsSettings(named) ? upstream : SYSTEM_ROOTS);
  const url = parseUpstreamUrl(upstream);
  if (url !== undefined) return located(url);
  throw unresolved(
    path,
    `has the upstream ${upstream}: give a URL such as http://127.0.0.1:3000, or a name under gateway.upstreams`,
  );
}

function located(url: string, tls = SYSTEM_ROOTS): ResolvedUpstream {
  if (url.startsWith('unix:')) return { origin: url, path: '', tls: undefined };
  const { origin, protocol } = new URL(url);
  return { origin, path: url.slice(origin.length), tls: protocol === 'https:' ? tls : undefined };
}

/** Pages may use the methods of the route; without methods, the common ones. */
function corsRule(
  { origins, methods, headers, credentials, maxAge }: NonNullable<ConfiguredRoute['cors']>,
  routeMethods: readonly string[] | undefined,
): CorsRule {
  return {
    origins,
    methods: methods ?? routeMethods ?? COMMON_METHODS,
    headers: headers.map((name) => name.toLowerCase()),
    credentials,
    maxAgeSeconds: Math.floor(maxAge),
  };
}

function channelRule(configured: NonNullable<ConfiguredRoute['channel']>): ChannelRule {
  return configured === 'open' ? { contentType: 'application/octet-stream' } : configured;
}

const COMMON_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** Every path of the route must begin with the prefix. */
function refuseStrangePrefix({ path, stripPrefix }: ConfiguredRoute): void {
  if (stripPrefix === undefined) return;
  const literal = path.slice(0, path.search(/\/(?:[:*]|$)/) >>> 0);
  if (`${literal}/`.startsWith(`${stripPrefix}/`)) return;
  throw unresolved(path, `has the stripPrefix ${stripPrefix}, but its paths do not begin with it`);
}

function mtlsUnavailable(path: string): GatehouseError {
  return unresolved(path, 'accepts mtls: set gateway.clientCertificates to request or require');
}

function unresolved(path: string, what: string): GatehouseError {
  return new GatehouseError(
    'config_invalid',
    `Setting gateway.routes is not valid: the route ${path} ${what}.`,
  );
}

/** The routes to the sample services, with rules for the two built-in roles. */
export const sampleRoutes: readonly ConfiguredRoute[] = [
  { path: '/admin', access: 'authenticated', allow: { roles: ['admin'] } },
  { path: '/user', access: 'authenticated', allow: { roles: ['user', 'admin'] } },
  { path: '/protected', access: 'authenticated', allow: { roles: ['user', 'admin'] } },
  { path: '/encrypted/*', access: 'authenticated', allow: { roles: ['user', 'admin'] } },
  { path: '/symmetric/*', access: 'authenticated', allow: { roles: ['user', 'admin'] } },
  { path: '/*', access: 'authenticated' },
];
