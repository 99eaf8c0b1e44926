// The URLs of this server (RFC 8555 §7.1). Its own URLs begin with `control.url`, even if a client connected
// to another host. The URLs that clients send may begin with any of its names, because `control.url` may have
// changed since the client got them.
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

export interface UrlSettings {
  /** `control.url`: scheme, host and port, as `https://localhost:9443`. */
  origin: string;
  /** The names of the listener's certificate. */
  ownNames: readonly string[];
  /** Where the control listener listens. */
  port: number;
}

export type Urls = ReturnType<typeof createUrls>;

export function createUrls({ origin, ownNames, port }: UrlSettings) {
  const of = (target: string) => `${origin}${target}`;
  const accounts = `${PATHS.account}/`;
  const ownAccounts = of(accounts);
  const isOwnOrigin = createOwnOrigins({ origin, ownNames, port });
  return {
    of,
    origin,
    /**
     * Whether a URL that a client signed is for this server and this request's target (RFC 8555 §6.4). Its
     * host must be one of our present names. The Host field of the request does not count: a server that
     * forwards a request to us could choose it.
     */
    isFor(url: string, target: string): boolean {
      // Nearly all clients send this.
      if (url === of(target) && target.startsWith('/') && !target.includes('#')) return true;
      const signed = split(url);
      return (
        signed !== undefined && signed.path === (split(target)?.path ?? target) && isOwnOrigin(signed.origin)
      );
    },
    account: (id: string) => of(`${accounts}${id}`),
    /**
     * The id in an account's URL. Its host may be a former one, because a client continues to use the URL
     * that it got (RFC 8555 §6.2). The URL of the request itself shows that the request is for this server.
     */
    accountId(url: string): string | undefined {
      const path = url.startsWith(ownAccounts) ? url.slice(origin.length) : split(url)?.path;
      return path?.startsWith(accounts) ? path.slice(accounts.length) : undefined;
    },
    orders: (accountId: string) => of(`${accounts}${accountId}/orders`),
    order: (id: string) => of(`${PATHS.order}/${id}`),
    finalize: (id: string) => of(`${PATHS.order}/${id}/finalize`),
    authorization: (id: string) => of(`${PATHS.authorization}/${id}`),
    challenge: (id: string, type: ChallengeType) => of(`${PATHS.challenge}/${id}/${type}`),
    certificate: (serialNumber: string) => of(`${PATHS.certificate}/${serialNumber}`),
  };
}

/**
 * Scheme and authority, and the rest as it was sent. Undefined for a text with a fragment or credentials, or
 * one that is not a plain URL.
 */
function split(url: string): { origin: URL; path: string } | undefined {
  const [, authority, path] = /^(https?:\/\/[^/?#@\\\s]+)(\/[^#\s]*)$/i.exec(url) ?? [];
  const origin = authority === undefined ? null : URL.parse(authority);
  return origin && path !== undefined ? { origin, path } : undefined;
}

/**
 * Origins under which clients reach us now: `control.url`, and our certificate's names with its port or the
 * listener's own.
 */
function createOwnOrigins({ origin, ownNames, port }: UrlSettings): (url: URL) => boolean {
  const configured = new URL(origin);
  const ports = [portOf(configured), port];
  const names = ownNames.map((name) => (name.includes(':') ? `[${name}]` : name).toLowerCase());
  const hosts = new Set([configured.hostname, ...names]);
  return (url) =>
    url.origin === configured.origin ||
    (url.protocol === 'https:' &&
      ports.includes(portOf(url)) &&
      // The wildcard of a certificate matches exactly one label (RFC 9525 §6.3).
      (hosts.has(url.hostname) || hosts.has(url.hostname.replace(/^[^.]+/, '*'))));
}

/** If a URL has no port, the port of its scheme. */
export function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}
