// To which origin (RFC 6454 §4) a credential belongs: to the one that is named, or else to that of the first
// request. After a redirect to another origin it is not sent; a direct request to another origin is refused.
import { ClientError } from '../errors.ts';
import type { HttpRequest } from '../http/middleware.ts';

/** Whether the credential is sent with this request. Throws `ClientError` for a direct request elsewhere. */
export type BelongsTo = (request: HttpRequest) => boolean;

/** Binds one credential. With a named origin, requests to others go out without it. */
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
