// Finds the route of a request with Hono's router. Refuses targets that are neither a path nor a whole URL
// (RFC 9112 §3.2), and backslashes, which some servers read as slashes.
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

/** Throws a `TypeError` if two routes have the same name. */
export function createRouter(routes: readonly Route[]): Router {
  requireOwnNames(routes);
  const router = new SmartRouter<Route | Offered>({ routers: [new RegExpRouter(), new TrieRouter()] });
  for (const route of routes) router.add(route.method === 'ANY' ? 'ALL' : route.method, route.path, route);
  for (const path of new Set(routes.map((route) => route.path))) {
    router.add('ALL', path, { allow: allowedMethods(routes, path) });
  }
  return {
    find(method, target) {
      const { path, query } = partsOf(target);
      const [matches, values] = router.match(method === 'HEAD' ? 'GET' : method, path);
      const [match] = matches;
      if (!match) throw new GatehouseError('not_found', 'There is nothing at this path.');
      const [route, parameters] = match;
      if ('allow' in route)
        throw new GatehouseError('method_not_allowed', `${method} is not allowed here.`, route);
      return { route, path, params: decodedParameters(parameters, values), query };
    },
  };
}

function requireOwnNames(routes: readonly Route[]): void {
  const names = new Set<string>();
  for (const { name } of routes) {
    if (names.has(name)) throw new TypeError(`two routes have the name ${name}`);
    names.add(name);
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

/** The methods that a path offers. */
interface Offered {
  allow: string[];
}

function allowedMethods(routes: readonly Route[], path: string): string[] {
  const offered = routes.filter((route) => route.path === path).map(({ method }) => method);
  return offered.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
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
