// Resolves the configured routes for the workers: every upstream name, every default, and the
// zero-configuration routes if none are configured.
import type { AllowRule, GatewayRoute } from '@gatehouse/access';
import { AUTHENTICATION_METHODS, compilePattern, GatehouseError, hides } from '@gatehouse/access';
import type { ClientAuthentication } from '../platform/tls.ts';
import type { ConfiguredRoute } from './settings.ts';

export interface RouteDefaults {
  /** The upstream of routes that name none. */
  upstream: string | undefined;
  upstreams: Readonly<Record<string, string>>;
  maxBodyBytes: number;
  /** Whether the handshake requests a client certificate; default: it does. */
  clientCertificates?: ClientAuthentication | undefined;
}

/** Throws `config_invalid`, naming the route. */
export function resolveRoutes(
  configured: readonly ConfiguredRoute[],
  defaults: RouteDefaults,
): { routes: GatewayRoute[]; rules: Map<string, AllowRule> } {
  const rules = new Map<string, AllowRule>();
  const withoutCertificates = defaults.clientCertificates === 'off';
  const waysIn = withoutCertificates
    ? AUTHENTICATION_METHODS.filter((way) => way !== 'mtls')
    : AUTHENTICATION_METHODS;
  const requested: readonly ConfiguredRoute[] =
    configured.length > 0 ? configured : [{ path: '/*', access: 'authenticated' }];
  const routes = requested.map((route, index): GatewayRoute => {
    refuseContradiction(route);
    if (withoutCertificates && route.accept?.includes('mtls')) throw mtlsUnavailable(route.path);
    const id = `${index + 1}:${route.path}`;
    if (route.allow) rules.set(id, route.allow);
    return {
      id,
      position: index,
      path: route.path,
      host: route.host?.toLowerCase(),
      methods: route.methods,
      upstream: resolveUpstream(route, defaults),
      access: route.access,
      accept: route.accept ?? waysIn,
      maxBodyBytes: route.maxBodyBytes ?? defaults.maxBodyBytes,
    };
  });
  refuseHiddenRoutes(routes);
  return { routes, rules };
}

/**
 * Whether the handshake asks for a client certificate under `setting`. It does not if no route accepts one.
 */
export function clientAuthenticationFor(
  setting: ClientAuthentication,
  routes: readonly GatewayRoute[],
): ClientAuthentication {
  if (setting !== 'request') return setting;
  return routes.some(({ accept }) => accept.includes('mtls')) ? setting : 'off';
}

function refuseContradiction({ path, access, allow, accept }: ConfiguredRoute): void {
  compilePattern(path);
  if (access !== 'public' || (!allow && !accept)) return;
  const idle = allow ? 'allow' : 'accept';
  throw unresolved(path, `is public, which admits everyone: remove access: 'public', or ${idle}`);
}

function refuseHiddenRoutes(routes: readonly GatewayRoute[]): void {
  for (const [index, later] of routes.entries()) {
    const earlier = routes.slice(0, index).find((route) => hides(route, later));
    if (!earlier) continue;
    throw unresolved(
      later.path,
      `is never reached, because ${earlier.path} before it takes all its requests: put it above`,
    );
  }
}

function resolveUpstream({ path, upstream }: ConfiguredRoute, defaults: RouteDefaults): string {
  if (upstream === undefined) {
    if (defaults.upstream !== undefined) return defaults.upstream;
    throw unresolved(path, 'names no upstream: add one, or set gateway.upstream');
  }
  const named = Object.hasOwn(defaults.upstreams, upstream) ? defaults.upstreams[upstream] : undefined;
  if (named !== undefined) return named;
  const url = URL.parse(upstream);
  const isOrigin = url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.hash;
  if (isOrigin && !url.username && !url.password) return url.origin;
  throw unresolved(
    path,
    `has the upstream ${upstream}: give an origin such as http://127.0.0.1:3000, or a name under gateway.upstreams`,
  );
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

/** The routes to the sample services: the two built-in roles, and what the samples expect of a gateway. */
export const sampleRoutes: readonly ConfiguredRoute[] = [
  { path: '/admin', access: 'authenticated', allow: { roles: ['admin'] } },
  { path: '/user', access: 'authenticated', allow: { roles: ['user', 'admin'] } },
  { path: '/protected', access: 'authenticated', allow: { roles: ['user', 'admin'] } },
  { path: '/encrypted/*', access: 'authenticated', allow: { roles: ['user', 'admin'] } },
  { path: '/*', access: 'authenticated' },
];
