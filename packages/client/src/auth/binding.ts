// Binds a credential to one origin (RFC 6454 §4): the named one, or that of the first request. It is not sent
// after a redirect to another origin. A direct request to another origin is refused.
import { ClientError } from '../errors.ts';
import type { HttpRequest } from '../http/middleware.ts';

/**
 * Whether the credential is sent with this request. Throws `ClientError` for a direct request to another
 * origin.
 */
export type BelongsTo = (request: HttpRequest) => boolean;

/** Binds one credential. If the origin is named, requests to other origins are sent without it. */
export function bindToOrigin(named?: string | URL): BelongsTo {
  if (named !== undefined) {
    const { origin } = new URL(named);
    return ({ url }) => url.origin === origin;
  }
  let origin: string | undefined;
  return ({ url, first }) => {
    origin ??= first.origin;
    if (url.origin === origin) return true;
    if (url.origin !== first.origin) return false;
    throw new ClientError(
      'identity_origin',
      `refused to send the credential of ${origin} to ${url.origin}: create another client for it`,
    );
  };
}
