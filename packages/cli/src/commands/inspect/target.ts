// Where to connect to, from what a person types: a host, a host with a port, or a URL.
import { isIP } from 'node:net';
import { usageError } from '../../exit-status.ts';

/** A server. */
export interface Target {
  /** A name or an address, without brackets. */
  host: string;
  port: number;
  /** The name to ask for and to check: the host, or what the user says. */
  serverName: string;
}

/** Throws a usage error. */
export function parseTarget(address: string, serverName: string | undefined): Target {
  // An address of IPv6 without brackets has no port.
  const url = URL.parse(isIP(address) === 6 ? `https://[${address}]` : withScheme(address));
  if (url === null || url.protocol !== 'https:' || url.hostname === '') throw usageError(EXPECTED);
  if (url.username !== '' || url.password !== '')
    throw usageError('ADDRESS must not have a user name or a password');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { host, port: Number(url.port || 443), serverName: (serverName ?? host).replace(/\.$/, '') };
}

/** As people write it: `host:port`, with brackets around an address of IPv6. */
export function authorityOf({ host, port }: Pick<Target, 'host' | 'port'>): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

const EXPECTED = 'ADDRESS should be HOST:PORT, such as localhost:8443, or a URL that begins with https://';

function withScheme(address: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `https://${address}`;
}
