// A route as a protected resource of OAuth: the URL of its metadata (RFC 9728 §3.1), and the challenge with
// that URL (§5.1).

/** A route that is a resource, as plain data for the workers. */
export interface ProtectedResource {
  /** The path of the metadata at the gateway. */
  metadataPath: string;
  /** The URL of the metadata. */
  metadataUrl: string;
  /** The metadata, as JSON. */
  metadata: string;
}

/**
 * The path of the metadata of a resource (RFC 9728 §3.1).
 * @example
 * path.startsWith(RESOURCE_METADATA);
 */
export const RESOURCE_METADATA = '/.well-known/oauth-protected-resource';

export interface ResourceDescription {
  /** The path of the route. */
  path: string;
  /** The URL of the gateway, without a slash at the end. */
  gateway: string;
  /** The URL of the authorization server. */
  issuer: string;
  name: string | undefined;
  scopes: readonly string[];
}

/**
 * Describes a route as a resource. Its URL ends where the first parameter of its path begins.
 * @example
 * const { metadataUrl } = protectedResource({ path: '/mcp/*', gateway, issuer, name: 'Notes', scopes: [] });
 */
export function protectedResource(description: ResourceDescription): ProtectedResource {
  const { path, gateway, issuer, name, scopes } = description;
  const literal = path.slice(0, path.search(/\/?(?:[:*]|$)/) >>> 0).replace(/\/$/, '');
  const metadata = {
    resource: `${gateway}${literal}`,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    ...(scopes.length > 0 && { scopes_supported: scopes }),
    ...(name !== undefined && { resource_name: name }),
  };
  const metadataPath = `${RESOURCE_METADATA}${literal}`;
  return { metadataPath, metadataUrl: `${gateway}${metadataPath}`, metadata: JSON.stringify(metadata) };
}

const BEARER = /Bearer realm="[^"]*"/;

/**
 * The challenges of a 401. The one for bearer tokens gets the URL of the metadata.
 * @example
 * const challenge = withResource('Bearer realm="gatehouse"', route.resource);
 */
export function withResource(challenge: string, { metadataUrl }: ProtectedResource): string {
  return challenge.replace(BEARER, (bearer) => `${bearer}, resource_metadata="${metadataUrl}"`);
}
