// The resources of access tokens (RFC 8707): the gateway, or a route that is itself a resource.
import { OauthError } from './oauth-error.ts';

export interface Resources {
  /** Used when a request names none. */
  readonly default: string;
  /**
   * The audience of a token for `resource`. Throws `invalid_target` for an unknown resource (§2).
   */
  audienceOf(resource: string): string;
  /** The one audience for the resources that a request names. Throws `invalid_target`. */
  audienceOfAll(resources: readonly string[]): string;
}

/** `gateway`: its URL, without a slash at the end. */
export function createResources(gateway: string): Resources {
  function audienceOf(resource: string): string {
    // Every path of the gateway means the gateway. Its routes decide about the rights of a token.
    if (resource === gateway || resource.startsWith(`${gateway}/`)) {
      if (!/[#?\s]/.test(resource)) return gateway;
    }
    throw new OauthError('invalid_target', `The resource is unknown: use ${gateway}.`);
  }
  return {
    default: gateway,
    audienceOf,
    audienceOfAll(resources) {
      const [audience = gateway, ...others] = new Set(resources.map(audienceOf));
      if (others.length === 0) return audience;
      throw new OauthError(
        'invalid_target',
        'A token is for one resource only: request one token for each resource.',
      );
    },
  };
}
