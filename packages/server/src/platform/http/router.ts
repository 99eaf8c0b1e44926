// Finds the route of a request: Hono's router over our route tables. Refuses targets that are neither a path nor a whole URL
// (RFC 9112 §3.2), and backslashes, which some take for slashes.
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { SmartRouter } from 'hono/router/smart-router';
import { TrieRouter } from 'hono/router/trie-router';
import { tryDecodeURIComponent } from 'hono/utils/url';
import { GatehouseError } from '../errors.ts';
import type { Route } from './route.ts';

export interface Found {
  route: Route;
  /** A path parameter, decoded; empty where the path has none of that name. */
  param(name: string): string;
  /** The query string, decoded; of parameters that repeat, the last. */
  query(): Record<string, string>;
}

export interface Router {
  /** Throws `bad_request` for a target that is none, `not_found`, `method_not_allowed`. */
  find(method: string, target: string): Found;
}

export function createRouter(routes: readonly Route[]): Router {
  const router = new SmartRouter<Route | Offered>({ routers: [new RegExpRouter(), new TrieRouter()] });
  for (const route of routes) router.add(route.method, route.path, route);
  for (const path of new Set(routes.map((route) => route.path))) {
    router.add('ALL', path, { allow: allowedMethods(routes, path) });
  }
  return {
    find(method, target) {
      const url = urlOf(target);
      const [matches, values] = router.match(method === 'HEAD' ? 'GET' : method, decodedPath(url.pathname));
      const [match] = matches;
      if (!match) throw new GatehouseError('not_found', 'There is nothing at this path.');
      const [route, parameters] = match;
      if ('allow' in route)
        throw new GatehouseError('method_not_allowed', `${method} is not offered here.`, route);
      return {
        route,
        param(name) {
          const value = parameters[name];
          return tryDecodeURIComponent((typeof value === 'number' ? values?.[value] : value) ?? '');
        },
        query: () => Object.fromEntries(url.searchParams),
      };
    },
  };
}

/** The methods of a path, for whoever came with another one. */
interface Offered {
  allow: string[];
}

function allowedMethods(routes: readonly Route[], path: string): string[] {
  const offered = routes.filter((route) => route.path === path).map(({ method }) => method);
  return offered.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}

function urlOf(target: string): URL {
  const isWhole = /^https?:\/\//i.test(target);
  const url =
    isWhole || target.startsWith('/') ? URL.parse(isWhole ? target : `http://localhost${target}`) : null;
  if (!url || /^[^?]*\\/.test(target))
    throw new GatehouseError('bad_request', 'The request target is not valid.');
  return url;
}

/** Literal segments may be percent-encoded too (RFC 3986 §6.2.2.2); what would separate segments stays encoded. */
function decodedPath(path: string): string {
  if (!path.includes('%')) return path;
  try {
    return decodeURI(path.replaceAll('%25', '%2525'));
  } catch {
    return path;
  }
}
