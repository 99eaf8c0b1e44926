// Mounts a handler of another package for Node's HTTP server below a path. The handler gets every method and
// reads the body itself.
import { GatehouseError } from '@gatehouse/access';
import type { ForeignHandler } from './answer.ts';
import type { Route } from './route.ts';

/**
 * As with other routers, the handler gets the URL without the path of the mount. `originalUrl` has the whole
 * URL.
 *
 * @example
 * mount({ name: 'oidc', path: '/oidc', permission: 'public', summary: 'OpenID Connect', handler: provider.callback() });
 */
export function mount({
  name,
  path,
  permission,
  summary,
  handler,
}: Pick<Route, 'name' | 'path' | 'permission' | 'summary'> & { handler: ForeignHandler }): Route {
  const takeOver: ForeignHandler = (incoming, outgoing) => {
    const originalUrl = incoming.url ?? '/';
    const url = urlBelow(path, originalUrl);
    return handler(Object.assign(incoming, { originalUrl, url }), outgoing);
  };
  return {
    name,
    method: 'ANY',
    path: `${path}/*`,
    permission,
    summary,
    answers: {},
    documented: false,
    handle(call) {
      urlBelow(path, call.target);
      return { status: 200, headers: {}, takeOver };
    },
  };
}

/** Throws `not_found` if our router reads the path as one below `path`, but it is spelled differently. */
function urlBelow(path: string, target: string): string {
  const url = target.replace(/^https?:\/\/[^/?#]*/i, '');
  const rest = url.slice(path.length);
  if (!url.startsWith(path) || !/^(?:$|[/?])/.test(rest)) {
    throw new GatehouseError('not_found', 'There is nothing at this path.');
  }
  return rest.startsWith('/') ? rest : `/${rest}`;
}
