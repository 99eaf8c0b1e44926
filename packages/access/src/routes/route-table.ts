// Finds the route of a request: the first match wins, and a request without a match is not forwarded. Refuses
// a path that an upstream may read as the path of an earlier route: in a different case, with invisible
// characters, or in a spelling that some servers convert.
import { GatehouseError } from '../errors/errors.ts';
import type { Attributes } from '../principals/attributes.ts';
import type { AuthenticationMethod } from '../principals/principal.ts';
import type { StepUpRequirement } from '../principals/step-up-requirement.ts';
import type { Ambiguity } from './ambiguous-path.ts';
import { ambiguityOf } from './ambiguous-path.ts';
import type { CorsRule } from './cors.ts';
import type { ProtectedResource } from './protected-resource.ts';
import { RESOURCE_METADATA } from './protected-resource.ts';
import { canonicalPath, notCanonical } from './request-target.ts';

/**
 * The default methods of a route. A route must name other methods, such as those of WebDAV.
 * @example
 * const methods = route.methods ?? ORDINARY_METHODS;
 */
export const ORDINARY_METHODS: readonly string[] = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
];

/** A route for the workers: plain data with every name resolved. */
export type GatewayRoute = {
  /** Identifies the route in the log and the ledger. */
  id: string;
  /** Identifies it in policies: its name, or its path with its host. */
  policyName: string;
  /** Its attributes for policies; none if absent. */
  attributes?: Attributes | undefined;
  /** A name for its methods in policies; default: none. */
  action?: string | undefined;
  /** The query parameters that policies may read; default: none. */
  query?: readonly string[] | undefined;
  /** The header fields that policies may read, in lower case; default: none. */
  headers?: readonly string[] | undefined;
  /** Its position among the routes: the first match counts. */
  position: number;
  path: string;
  host: string | undefined;
  methods: readonly string[] | undefined;
  /** An origin, `http://127.0.0.1:3000`, or a Unix socket, `unix:/run/notes.sock`. */
  upstream: string;
  /** The entry of the section `upstreams` with its TLS settings; default: the system's roots. */
  upstreamTls?: string | undefined;
  /** `any`: also paths that some servers read as another path, such as those with `%2F`. */
  paths?: 'any' | undefined;
  /** Removed from the beginning of the path for the upstream. The path of the route begins with it. */
  stripPrefix?: string | undefined;
  /** Added before the path for the upstream, after `stripPrefix` was removed. */
  addPrefix?: string | undefined;
  cors?: CorsRule | undefined;
  access: 'public' | 'authenticated';
  accept: readonly AuthenticationMethod[];
  /** The required strength and age of the sign-in; default: any accepted way in. */
  require?: StepUpRequirement | undefined;
  /** Set if it is a resource that OAuth clients can discover. */
  resource?: ProtectedResource | undefined;
  /** Set if the gateway is an encrypted endpoint here, and decrypts messages for the upstream. */
  channel?: ChannelRule | undefined;
  maxBodyBytes: number;
  /** Whether its answers are signed (RFC 9421). */
  signResponses?: true | undefined;
  /** The largest body of a signed request or answer, which the gateway holds in memory; default: no limit. */
  maxSignedBytes?: number | undefined;
};

/** How a route opens the channel. */
export interface ChannelRule {
  /** The media type of decrypted messages for the upstream. */
  contentType: string;
}

/** Finds the routes of requests. */
export interface RouteTable {
  /**
   * Throws `not_found`, `method_not_allowed`, or `path_not_canonical` for a path that the route does not
   * accept, or that an upstream may read as the path of an earlier route.
   */
  match(request: { method: string; host: string; path: string }): GatewayRoute;
  /** The metadata at this path (RFC 9728), or undefined. */
  resourceAt(request: { host: string; path: string }): ProtectedResource | undefined;
  /** Whether some route signs its answers. */
  readonly signsAnswers: boolean;
  /** Whether this route object is in the table, and not a replacement of it. */
  has(route: GatewayRoute): boolean;
}

interface Pattern {
  /** `folded` is the literal without its case. Both are empty for `:name`. */
  segments: { literal: string; folded: string }[];
  named: boolean[];
  rest: boolean;
}

type Fit = 'exact' | 'other spelling' | 'none';

/**
 * Throws `config_invalid` for a path that is not usable.
 * @example
 * const route = createRouteTable(routes).match({ method: 'GET', host: 'localhost', path: '/notes' });
 */
export function createRouteTable(routes: readonly GatewayRoute[]): RouteTable {
  const inOrder = routes.toSorted((one, other) => one.position - other.position);
  const known = new Set(routes);
  const compiled = inOrder.map((route) => ({ route, pattern: compilePattern(route.path) }));

  function find(method: string, host: string, path: string): Found {
    const request: ReadPath = { segments: segmentsOf(path), folded: undefined };
    let offered: string[] | undefined;
    for (const { route, pattern } of compiled) {
      if (route.host !== undefined && route.host !== hostName(host)) continue;
      const fit = fitOf(pattern, request);
      if (fit === 'none') continue;
      if (fit === 'other spelling') throw otherSpelling();
      const methods = route.methods ?? ORDINARY_METHODS;
      if (methods.includes(method)) return { route };
      offered ??= [];
      offered.push(...methods);
    }
    return { offered: offered ?? [] };
  }

  return {
    match({ method, host, path }) {
      const found = find(method, host, path);
      const ambiguity = ambiguityOf(path);
      if (ambiguity) requireTaken(found, ambiguity, find(method, host, ambiguity.otherPath));
      if (found.route) return found.route;
      throw unmatched(method, found.offered);
    },
    resourceAt({ host, path }) {
      if (!path.startsWith(RESOURCE_METADATA)) return undefined;
      const found = inOrder.find(
        (route) =>
          route.resource?.metadataPath === path &&
          (route.host === undefined || route.host === hostName(host)),
      );
      return found?.resource;
    },
    signsAnswers: routes.some(({ signResponses }) => signResponses === true),
    has: (route) => known.has(route),
  };
}

/** The first match, or the methods of the routes with this path and other methods. */
type Found = { route: GatewayRoute; offered?: undefined } | { route?: undefined; offered: readonly string[] };

/** `other` is the route for another reading of the path. It must not be before the first match. */
function requireTaken({ route }: Found, { flaw }: Ambiguity, other: Found): void {
  if (route?.paths !== 'any') throw notCanonical(flaw);
  const isEarlier = other.route ? other.route.position < route.position : other.offered.length > 0;
  if (isEarlier) throw notCanonical(`${flaw}, so that some servers read it as the path of another route`);
}

function unmatched(method: string, offered: readonly string[]): GatehouseError {
  return offered.length > 0
    ? methodNotOfferedHere(method, [...new Set(offered)])
    : new GatehouseError('not_found', 'No route leads to this path.');
}

/**
 * Throws `config_invalid` with the path.
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
  const braces = parts.find((part) => /^\{\w+\}$/.test(part));
  if (braces) throw invalid(path, `has ${braces}: write :${braces.slice(1, -1)} for any segment`);
  if (/[?#]/.test(path))
    throw invalid(path, 'has a ? or #: routes match the path alone, so leave out the rest');
  const named = parts.map((part) => part.startsWith(':'));
  if (parts.includes(':')) throw invalid(path, 'has a colon without a name');
  const segments = parts.map((part, index) => {
    const literal = named[index] ? '' : canonicalLiteral(part, path);
    return { literal, folded: folded(literal) };
  });
  return { segments, named, rest };
}

/**
 * Whether `later` is unreachable because `earlier` takes all its requests.
 * @example
 * const isIdle = hides({ path: '/*', host: undefined, methods: undefined }, route);
 */
export function hides(earlier: RouteShape, later: RouteShape): boolean {
  if (earlier.host !== undefined && earlier.host !== later.host) return false;
  const taken = earlier.methods ?? ORDINARY_METHODS;
  if (!(later.methods ?? ORDINARY_METHODS).every((method) => taken.includes(method))) return false;
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

/** The segments of a path, which are folded on demand. */
interface ReadPath {
  readonly segments: readonly string[];
  folded: string[] | undefined;
}

function fitOf({ segments, named, rest }: Pattern, path: ReadPath): Fit {
  const actual = path.segments;
  if (actual.length < segments.length || (!rest && actual.length > segments.length)) return 'none';
  let fit: Fit = 'exact';
  for (let index = 0; index < segments.length; index += 1) {
    const expected = segments[index];
    if (!expected || named[index] || expected.literal === actual[index]) continue;
    path.folded ??= actual.map(folded);
    if (expected.folded !== path.folded[index]) return 'none';
    fit = 'other spelling';
  }
  return fit;
}

// Characters that some file systems ignore in names.
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/gu;

/**
 * Equal for segments that a case-insensitive upstream may treat as equal, also for letters beyond ASCII.
 * Takes a canonical segment.
 */
function folded(segment: string): string {
  if (!segment.includes('%')) return segment.toLowerCase();
  const visible = decodeURIComponent(segment).replaceAll(INVISIBLE, '');
  return visible.normalize('NFKC').toUpperCase().toLowerCase();
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, '');
}

function methodNotOfferedHere(method: string, allow: readonly string[]): GatehouseError {
  return new GatehouseError('method_not_allowed', `${method} is not allowed at this path.`, { allow });
}

function otherSpelling(): GatehouseError {
  return new GatehouseError(
    'path_not_canonical',
    'The path differs from a route only in upper and lower case, or in characters that are not visible.',
  );
}

function invalid(path: string, what: string): GatehouseError {
  return new GatehouseError(
    'config_invalid',
    `Setting gateway.routes is not valid: the path ${path} ${what}.`,
  );
}
