// Finds the route of a request: by its whole path, or else with Hono's router. Refuses targets that are
// neither a path nor a whole URL (RFC 9112 §3.2), and backslashes, which some servers read as slashes.
import { GatehouseError } from '@gatehouse/access';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { SmartRouter } from 'hono/router/smart-router';
import { TrieRouter } from 'hono/router/trie-router';
import { tryDecodeURIComponent } from 'hono/utils/url';
import type { Route } from './route.ts';

export interface Found {
  route: Route;
  /** The path that matched, without the query and still percent-encoded where necessary. */
  path: string;
  /** The parameters of the path, decoded. */
  params: Record<string, string>;
  /** The query string as it was sent, without the question mark. */
  query: string;
}

export interface Router {
  /** Throws `bad_request` for an invalid target, `not_found`, `method_not_allowed`. */
  find(method: string, target: string): Found;
}

/** Throws a `TypeError` if two routes have the same name, or the same method and path. */
export function createRouter(routes: readonly Route[]): Router {
  requireDifferent(routes, 'name', ({ name }) => name);
  requireDifferent(routes, 'method and path', ({ method, path }) => `${method} ${path}`);
  const offers = offersOf(routes);
  const literals = new Map(offers.filter(({ path }) => isLiteral(path)).map((offer) => [offer.path, offer]));
  const patterns = createPatterns(offers.filter(({ path }) => !isLiteral(path)));
  return {
    find(method, target) {
      const { path, query } = partsOf(target);
      const verb = method === 'HEAD' ? 'GET' : method;
      const literal = literals.get(path);
      const route = literal && routeFor(literal, verb);
      if (route) return { route, path, params: {}, query };
      const found = patterns.find(verb, path);
      if (found && 'route' in found) return { ...found, path, query };
      const offer = literal ?? found;
      if (!offer) throw new GatehouseError('not_found', 'There is nothing at this path.');
      throw new GatehouseError('method_not_allowed', `${method} is not allowed here.`, {
        allow: allowedMethods(offer),
      });
    },
  };
}

/** The routes of one path, by their methods. */
interface Offer {
  path: string;
  routes: ReadonlyMap<Route['method'], Route>;
}

function offersOf(routes: readonly Route[]): Offer[] {
  const paths = Map.groupBy(routes, ({ path }) => path);
  return [...paths].map(([path, its]) => ({
    path,
    routes: new Map(its.map((route) => [route.method, route])),
  }));
}

function routeFor({ routes }: Offer, method: string): Route | undefined {
  return routes.get(method as Route['method']) ?? routes.get('ANY');
}

/** Whether no part of the path is a parameter or a wildcard, in Hono's syntax. */
function isLiteral(path: string): boolean {
  return !/[:*?{]/.test(path);
}

/** Most paths are literal. Without them, Hono can use its fast router, which allows no ambiguity. */
function createPatterns(offers: readonly Offer[]) {
  const router = new SmartRouter<Route | Offer>({ routers: [new RegExpRouter(), new TrieRouter()] });
  for (const { path, routes } of offers) {
    for (const [method, route] of routes) router.add(method === 'ANY' ? 'ALL' : method, path, route);
  }
  for (const offer of offers) router.add('ALL', offer.path, offer);
  return {
    find(method: string, path: string): Pick<Found, 'route' | 'params'> | Offer | undefined {
      const [[match], values] = router.match(method, path);
      if (!match) return undefined;
      const [found, parameters] = match;
      return 'routes' in found ? found : { route: found, params: decodedParameters(parameters, values) };
    },
  };
}

function requireDifferent(routes: readonly Route[], what: string, of: (route: Route) => string): void {
  const known = new Set<string>();
  for (const route of routes) {
    const text = of(route);
    if (known.has(text)) throw new TypeError(`two routes have the ${what} ${text}`);
    known.add(text);
  }
}

/** `parameters` has the values, or their positions in `values`. */
function decodedParameters(
  parameters: Record<string, string | number>,
  values: readonly string[] | undefined,
): Record<string, string> {
  const decoded: Record<string, string> = {};
  for (const name in parameters) {
    const value = parameters[name];
    decoded[name] = tryDecodeURIComponent((typeof value === 'number' ? values?.[value] : value) ?? '');
  }
  return decoded;
}

function allowedMethods({ routes }: Offer): string[] {
  return [...routes.keys()].flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}

/** Nothing in it needs to be decoded or resolved. */
const PLAIN_PATH = /^\/[\w~/-]*$/;

/** The decoded path and the query string. */
function partsOf(target: string): Pick<Found, 'path' | 'query'> {
  if (PLAIN_PATH.test(target)) return { path: target, query: '' };
  const { pathname, search } = urlOf(target);
  return { path: decodedPath(pathname), query: search.slice(1) };
}

function urlOf(target: string): URL {
  const isWhole = /^https?:\/\//i.test(target);
  const url =
    isWhole || target.startsWith('/') ? URL.parse(isWhole ? target : `http://localhost${target}`) : null;
  if (!url || /^[^?]*\\/.test(target))
    throw new GatehouseError('bad_request', 'The request target is not valid.');
  return url;
}

/** Literal segments may be percent-encoded too (RFC 3986 §6.2.2.2). Encoded slashes stay encoded. */
function decodedPath(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURI(path.replaceAll('%25', '%2525'));
  } catch {
    return path;
  }
}
