// Which addresses the URLs in a certificate may lead to.
import { isIP } from 'node:net';
import { createPublicCheck } from '@gatehouse/client/revocation';

/**
 * A server at a public address must not make this machine send requests into its own network. Other servers
 * may be in that network.
 */
export function guardOf(address: string | null): ((address: string) => boolean) | undefined {
  const isPublic = createPublicCheck();
  return address !== null && isIP(address) !== 0 && isPublic(address) ? isPublic : undefined;
}
