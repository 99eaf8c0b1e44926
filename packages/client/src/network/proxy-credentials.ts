// The credentials for a proxy: Basic from the first request on, Digest after its challenge.

import { parseChallenges } from '../auth/challenges.ts';
import { createDigestSession, type Password } from '../auth/digest-session.ts';
import { basicValue } from '../auth/header-credentials.ts';
import type { ProxyCredentials } from './network-change.ts';

/** How a client authenticates to a proxy. */
export interface ProxyAuthentication {
  /** Sends the name and the password (RFC 7617). */
  basic?: Password;
  /** Proves the password without sending it (RFC 7616). */
  digest?: Password;
}

/** The credentials, of one kind or none. */
export function createProxyCredentials(
  { basic, digest }: ProxyAuthentication,
  randomNonce: () => string,
): ProxyCredentials {
  if (basic !== undefined && digest !== undefined) throw new TypeError('give basic or digest, not both');
  if (digest !== undefined) {
    const session = createDigestSession(digest, randomNonce);
    return {
      kind: 'Digest',
      authorize: (target) => session.authorize(target),
      accept: (field, sent) => session.accept(parseChallenges(field), sent),
    };
  }
  const value = basic === undefined ? undefined : basicValue(basic);
  return { kind: basic && 'Basic', authorize: () => value, accept: () => false };
}
