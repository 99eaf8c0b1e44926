// Lines for a DNS zone file that say which authority to trust (TLSA, RFC 6698) and which may issue (CAA, RFC
// 8659).
import { hash } from 'node:crypto';
import { parseSubjectName, X509Error } from '@gatehouse/x509';
import { usageError } from '../../exit-status.ts';

export interface Service {
  /** A DNS name in canonical form, without the dot at its end. */
  host: string;
  port: number;
}

/** `host:port`. Throws a usage error, also for an IP address, which has no such records. */
export function parseService(text: string): Service {
  const [, host = '', digits = ''] = /^(?:DNS:)?(.+):(\d{1,5})$/.exec(text) ?? [];
  const port = Number(digits);
  const name = port >= 1 && port <= 65_535 ? dnsNameOf(host.replace(/\.$/, '')) : undefined;
  if (name !== undefined) return { host: name, port };
  throw usageError('--name should be a DNS name and a port, such as api.example.com:8443');
}

/**
 * Two records for a trust anchor (certificate usage 2) and its public key (selector 1, RFC 6698 §2.1). The
 * one with its SHA-256 (matching type 1) is for services that send the root in their chain, as RFC 7671
 * §5.2.2 requires; the one with the whole key (matching type 0) is for all other services. `spki` is in DER.
 */
export function tlsaRecords({ host, port }: Service, spki: Uint8Array): string[] {
  const data = [`1 ${hash('sha256', spki, 'hex')}`, `0 ${Buffer.from(spki).toString('hex')}`];
  return data.map((association) => `_${port}._tcp.${host}. IN TLSA 2 1 ${association}`);
}

/** Which authority may issue for a name. Without an issuer, no public authority may (RFC 8659 §4.2). */
export function caaRecord({ host }: Service, issuer: string | undefined): string {
  return `${host}. IN CAA 0 issue "${issuer ?? ';'}"`;
}

/** Throws a usage error for anything but a domain. */
export function parseIssuer(text: string): string {
  const name = dnsNameOf(text.replace(/\.$/, ''));
  if (name !== undefined) return name;
  throw usageError('--issuer should be a domain, such as ca.example.com');
}

function dnsNameOf(text: string): string | undefined {
  try {
    const { type, value } = parseSubjectName(text);
    return type === 'dNSName' && !value.startsWith('*') ? value : undefined;
  } catch (error) {
    if (error instanceof X509Error) return undefined;
    throw error;
  }
}
