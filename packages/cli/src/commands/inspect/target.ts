// Where to connect to, from what a person types: a host, a host with a port, or a URL.
import { isIP } from 'node:net';
import { usageError } from '../../exit-status.ts';
import { STARTTLS_PORTS, type StartTls } from './starttls-protocols.ts';

/** A server. */
export interface Target {
  /** A name or an address, without brackets. */
  host: string;
  port: number;
  /** The name for SNI and in the certificate: the host, or the user's choice. */
  serverName: string;
  /** The protocol in which TLS begins later. */
  startTls?: StartTls;
}

/** Throws a usage error. */
export function parseTarget(address: string, serverName: string | undefined, startTls?: StartTls): Target {
  // An IPv6 address without brackets has no port.
  const url = URL.parse(isIP(address) === 6 ? `https://[${address}]` : withScheme(address));
  if (url === null || url.protocol !== 'https:' || url.hostname === '') throw usageError(EXPECTED);
  if (url.username !== '' || url.password !== '')
    throw usageError('ADDRESS must not have a user name or a password');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  // The URL parser leaves out 443.
  const usual = startTls === undefined || /:443\/?$/.test(address) ? 443 : STARTTLS_PORTS[startTls];
  const port = Number(url.port || usual);
  const target = { host, port, serverName: (serverName ?? host).replace(/\.$/, '') };
  return startTls === undefined ? target : { ...target, startTls };
}

/** In the usual form: `host:port`, with brackets around an IPv6 address. */
export function authorityOf({ host, port }: Pick<Target, 'host' | 'port'>): string {
  return `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
}

const EXPECTED = 'ADDRESS should be HOST:PORT, such as localhost:8443, or a URL that begins with https://';

function withScheme(address: string): string {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `https://${address}`;
}
