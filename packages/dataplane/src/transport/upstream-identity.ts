// Checks the identity of an upstream after TLS has verified its chain: by its name (RFC 9525, never by the
// common name), and by the pin of its key if there is one.
import type { X509Certificate } from 'node:crypto';
import { hash } from 'node:crypto';
import { isIP } from 'node:net';
import type { ClientTls } from './transport.ts';

/** The reason why `leaf` does not belong to the upstream; undefined if it does. */
export function identityFlaw(leaf: X509Certificate | undefined, tls: ClientTls): string | undefined {
  if (!leaf) return 'The upstream presented no certificate.';
  if (tls.pin !== undefined && pinOf(leaf) !== tls.pin)
    return `The key of the upstream (${pinOf(leaf)}) is not the pinned one (${tls.pin}).`;
  if (isPinnedOnly(tls) || matches(leaf, tls.serverName)) return undefined;
  return `The certificate of the upstream is not for ${tls.serverName}.`;
}

/** With a pin and no roots, only the key counts. */
export function isPinnedOnly(tls: ClientTls): boolean {
  return tls.pin !== undefined && tls.ca === undefined;
}

function pinOf(leaf: X509Certificate): string {
  return `sha256/${hash('sha256', leaf.publicKey.export({ type: 'spki', format: 'der' }), 'base64')}`;
}

function matches(leaf: X509Certificate, name: string): boolean {
  if (isIP(name)) return leaf.checkIP(name) !== undefined;
  return leaf.checkHost(name, { subject: 'never', partialWildcards: false }) !== undefined;
}
