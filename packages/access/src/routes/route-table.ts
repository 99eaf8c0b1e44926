// Finds the route of a request: the first match wins, and a request without a match is not forwarded. A path
// that differs from an earlier route only in upper and lower case is refused, because some upstreams would
// serve it as that route's path.
import { GatehouseError } from '../errors/errors.ts';
import type { AuthenticationMethod } from '../principals/principal.ts';
import type { CorsRule } from './cors.ts';
import { canonicalPath, requireCanonicalPath } from './request-target.ts';

/** A route as the workers know it: plain data with every name resolved. A policy sees all of it. */
export type GatewayRoute = {
  /** Identifies the route in the policy, the log and the ledger. */
  id: string;
  /** Its place among the routes: the first that matches counts. */
  position: number;
  path: string;
  host: string | undefined;
  methods: readonly string[] | undefined;
  /** An origin, `http://127.0.0.1:3000`, or a Unix socket, `unix:/run/notes.sock`. */
  upstream: string;
  /** The entry of the section `upstreams` that says how to speak TLS with it; default: the system's roots. */
  upstreamTls?: string | undefined;
  /** `any`: also paths that some servers read as another one, such as those with `%2F`. */
  paths?: 'any' | undefined;
  /** Removed from the front of the path for the upstream. The path of the route begins with it. */
  stripPrefix?: string | undefined;
  /** Put before the path for the upstream, after `stripPrefix` was removed. */
  addPrefix?: string | undefined;
  cors?: CorsRule | undefined;
  access: 'public' | 'authenticated';
  accept: readonly AuthenticationMethod[];
  maxBodyBytes: number;
};

/** Finds the routes of requests. */
export interface RouteTable {
  /**
   * Throws `not_found`, `method_not_allowed`, or `path_not_canonical` for a path in the wrong case, and for one
   * that the route does not take.
   */
  match(request: { method: string; host: string; path: string }): GatewayRoute;
}

interface Pattern {
  /** `folded` is the literal without upper and lower case. Both are empty for `:name`. */
  segments: { literal: string; folded: string }[];
  named: boolean[];
  rest: boolean;
}

type Fit = 'exact' | 'other case' | 'none';

/**
 * Throws `config_invalid` for a path that is not usable.
 * @example
 * const route = createRouteTable(routes).match({ method: 'GET', host: 'localhost', path: '/notes' });
 */
export function createRouteTable(routes: readonly GatewayRoute[]): RouteTable {
  const inOrder = routes.toSorted((one, other) => one.position - other.position);
  const compiled = inOrder.map((route) => ({ route, pattern: compilePattern(route.path) }));
  return {
    match({ method, host, path }) {
      const segments = segmentsOf(path);
      const name = hostName(host);
      const allow = new Set<string>();
      for (const { route, pattern } of compiled) {
        if (route.host !== undefined && route.host !== name) continue;
        const fit = fitOf(pattern, segments);
        if (fit === 'none') continue;
        if (route.paths !== 'any') requireCanonicalPath(path);
        if (fit === 'other case') throw wrongCase();
        if (!route.methods || route.methods.includes(method)) return route;
        for (const offered of route.methods) allow.add(offered);
      }
      requireCanonicalPath(path);
      if (allow.size > 0) throw methodNotOfferedHere(method, [...allow]);
      throw new GatehouseError('not_found', 'No route leads to this path.');
    },
  };
}

/**
 * Throws `config_invalid`, naming the path.
 * @example
 * compilePattern('/notes/:id/*');
 */
export function compilePattern(path: string): Pattern {
  if (!path.startsWith('/')) throw invalid(path, 'must begin with a slash');
  const parts = segmentsOf(path);
  const rest = parts.at(-1) === '*';
  if (rest) parts.pop();
  if (parts.some((part) => part.includes('*'))) throw invalid(path, 'may have a * only as its last segment');
  if (parts.includes('')) throw invalid(path, 'has an empty segment');
  const named = parts.map((part) => part.startsWith(':'));
  if (parts.includes(':')) throw invalid(path, 'has a colon without a name');
  const segments = parts.map((part, index) => {
    const literal = named[index] ? '' : canonicalLiteral(part, path);
    return { literal, folded: folded(literal) };
  });
  return { segments, named, rest };
}

const NONE: Readonly<Record<string, string>> = {};

/** The decoded values of the route's `:name` segments in this canonical path. */
export function parametersOf(
  route: Pick<GatewayRoute, 'path'>,
  path: string,
): Readonly<Record<string, string>> {
  if (!route.path.includes('/:')) return NONE;
  const values = segmentsOf(path);
  const named = segmentsOf(route.path).flatMap((part, index) =>
    part.startsWith(':') ? [[part.slice(1), decodeURIComponent(values[index] ?? '')]] : [],
  );
  return Object.fromEntries(named);
}

/**
 * Whether `later` is never reached because `earlier` takes all its requests.
 * @example
 * const isIdle = hides({ path: '/*', host: undefined, methods: undefined }, route);
 */
export function hides(earlier: RouteShape, later: RouteShape): boolean {
  if (earlier.host !== undefined && earlier.host !== later.host) return false;
  const taken = earlier.methods;
  if (taken && !later.methods?.every((method) => taken.includes(method))) return false;
  return covers(compilePattern(earlier.path), compilePattern(later.path));
}

type RouteShape = Pick<GatewayRoute, 'path' | 'host' | 'methods'>;

function covers(wide: Pattern, narrow: Pattern): boolean {
  if (wide.segments.length > narrow.segments.length) return false;
  if (!wide.rest && (narrow.rest || wide.segments.length < narrow.segments.length)) return false;
  return wide.segments.every((segment, index) => {
    const sameLiteral = !narrow.named[index] && segment.literal === narrow.segments[index]?.literal;
    return wide.named[index] || sameLiteral;
  });
}

function canonicalLiteral(part: string, path: string): string {
  try {
    return canonicalPath(`/${encodeURI(part).replaceAll('%25', '%')}`).slice(1);
  } catch (error) {
    throw invalid(path, error instanceof Error ? `is not usable (${error.message})` : 'is not usable');
  }
}

// A trailing slash makes no difference: many upstreams serve `/admin/` as `/admin`.
function segmentsOf(path: string): string[] {
  const segments = path.split('/').slice(1);
  if (segments.at(-1) === '') segments.pop();
  return segments;
}

function fitOf({ segments, named, rest }: Pattern, path: string[]): Fit {
  if (path.length < segments.length || (!rest && path.length > segments.length)) return 'none';
  let fit: Fit = 'exact';
  for (let index = 0; index < segments.length; index += 1) {
    const actual = path[index] ?? '';
    const expected = segments[index];
    if (!expected || named[index] || expected.literal === actual) continue;
    if (expected.folded !== folded(actual)) return 'none';
    fit = 'other case';
  }
  return fit;
}

/**
 * Equal for segments that a case-insensitive upstream may treat as equal, beyond ASCII too. Takes a canonical
 * segment.
 */
function folded(segment: string): string {
  if (!segment.includes('%')) return segment.toLowerCase();
  return decodeURIComponent(segment).normalize('NFKC').toUpperCase().toLowerCase();
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, '');
}

function methodNotOfferedHere(method: string, allow: readonly string[]): GatehouseError {
  return new GatehouseError('method_not_allowed', `${method} is not offered at this path.`, { allow });
}

function wrongCase(): GatehouseError {
  return new GatehouseError(
    'path_not_canonical',
    'The path differs from a route only in upper and lower case.',
  );
}

function invalid(path: string, what: string): GatehouseError {
  return new GatehouseError(
    'config_invalid',
    `Setting gateway.routes is not valid: the path ${path} ${what}.`,
  );
}
