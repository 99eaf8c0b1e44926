// The URLs of this server (RFC 8555 §7.1). They begin with the configured origin, whatever host a client connected to.
import type { ChallengeType } from './types.ts';

export const PATHS = {
  directory: '/acme/directory',
  newNonce: '/acme/new-nonce',
  newAccount: '/acme/new-account',
  newOrder: '/acme/new-order',
  newAuthz: '/acme/new-authz',
  revokeCert: '/acme/revoke-cert',
  keyChange: '/acme/key-change',
  renewalInfo: '/acme/renewal-info',
  account: '/acme/account',
  order: '/acme/order',
  authorization: '/acme/authorization',
  challenge: '/acme/challenge',
  certificate: '/acme/certificate',
} as const;

export type Urls = ReturnType<typeof createUrls>;

/** `origin`: scheme, host and port, as `https://localhost:9443`. */
export function createUrls(origin: string) {
  const of = (target: string) => `${origin}${target}`;
  const accounts = `${origin}${PATHS.account}/`;
  return {
    of,
    origin,
    account: (id: string) => `${accounts}${id}`,
    /** The id in an account's URL. */
    accountId: (url: string) => (url.startsWith(accounts) ? url.slice(accounts.length) : undefined),
    orders: (accountId: string) => `${accounts}${accountId}/orders`,
    order: (id: string) => of(`${PATHS.order}/${id}`),
    finalize: (id: string) => of(`${PATHS.order}/${id}/finalize`),
    authorization: (id: string) => of(`${PATHS.authorization}/${id}`),
    challenge: (id: string, type: ChallengeType) => of(`${PATHS.challenge}/${id}/${type}`),
    certificate: (serialNumber: string) => of(`${PATHS.certificate}/${serialNumber}`),
  };
}
