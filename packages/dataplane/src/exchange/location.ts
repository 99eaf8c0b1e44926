// Rewrites Location (RFC 9110 §10.2.2): a redirect to the upstream's own origin becomes one to ours, in
// absolute form, with another case, or without a scheme (`//host/path`).

export interface LocationFacts {
  /** The upstream's origin: `http://127.0.0.1:3000`. */
  upstreamOrigin: string;
  /** The Host that the client sent. */
  host: string;
  /** Translates a path of the upstream into the path for clients, if they differ. */
  clientPath?: ((path: string) => string | undefined) | undefined;
}

const ABSOLUTE = /^(?:(https?):)?\/\/([^/?#\\]*)(.*)$/is;
const DEFAULT_PORT: Readonly<Record<string, string>> = { http: ':80', https: ':443' };

export function ownLocation(location: string, facts: LocationFacts): string {
  const { upstreamOrigin, host, clientPath } = facts;
  const absolute = ABSOLUTE.exec(location);
  if (!absolute) return (location.startsWith('/') && clientPath?.(location)) || location;
  const [, scheme, authority = '', rest = ''] = absolute;
  const own = ABSOLUTE.exec(upstreamOrigin);
  const ownScheme = own?.[1]?.toLowerCase() ?? 'http';
  const namedScheme = scheme?.toLowerCase() ?? ownScheme;
  const isOwn =
    namedScheme === ownScheme &&
    withoutDefaultPort(authority, namedScheme) === withoutDefaultPort(own?.[2] ?? '', ownScheme);
  return isOwn ? `https://${host}${clientPath?.(rest) ?? rest}` : location;
}

function withoutDefaultPort(authority: string, scheme: string): string {
  const lower = authority.toLowerCase();
  const port = DEFAULT_PORT[scheme] ?? '';
  return lower.endsWith(port) ? lower.slice(0, -port.length) : lower;
}
