// The URLs of this server (RFC 8555 §7.1). Those that it gives out begin with `control.url`, whatever host a
// client connected to. Those that clients send may begin with any of its names, since `control.url` may have
// been another one when they were given out.
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
      // What nearly all clients send.
      if (url === of(target) && target.startsWith('/') && !target.includes('#')) return true;
      const signed = split(url);
      return (
        signed !== undefined && signed.path === (split(target)?.path ?? target) && isOwnOrigin(signed.origin)
      );
    },
    account: (id: string) => of(`${accounts}${id}`),
    /**
     * The id in an account's URL. Its host may be a former one: a client goes on to use the URL that it got
     * (RFC 8555 §6.2). That a request is for this server is checked with the request's own URL.
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
 * Scheme and authority, and what comes after them as it was sent; undefined for a text with a fragment,
 * credentials or anything odd.
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
      // A certificate's wildcard stands for one label (RFC 9525 §6.3).
      (hosts.has(url.hostname) || hosts.has(url.hostname.replace(/^[^.]+/, '*'))));
}

/** Where a URL names no port, that of its scheme. */
export function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}
