// Whether a certificate is for a server's name (RFC 9525 §6): its DNS names and IP addresses alone count, never a common name.
// Refuses wildcards that are not one whole label, or that stand for every name below a single label, as browsers do.
import { canonicalDnsName, invalidName } from './dns-name.ts';
import type { ParsedGeneralName } from './general-name.ts';
import { formatIpAddress, parseIpAddress } from './ip-address.ts';

/**
 * @param name the host that was meant: a DNS name, with a final dot or without, or an IP address without brackets
 * @throws X509Error `general_name_invalid` when `name` is neither
 */
export function matchesName(name: string, presented: readonly ParsedGeneralName[]): boolean {
  const address = parseIpAddress(name);
  if (address !== undefined) {
    const text = formatIpAddress(address);
    return presented.some(
      ({ type, ...rest }) => type === 'iPAddress' && 'value' in rest && rest.value === text,
    );
  }
  const host = referenceHost(name);
  const accepted = [host, wildcardOf(host)];
  return presented.some((each) => each.type === 'dNSName' && accepted.includes(each.value.toLowerCase()));
}

function referenceHost(name: string): string {
  if (name.includes('*')) throw invalidName(name, 'is a wildcard, not the name of one server');
  return canonicalDnsName(name.replace(/\.$/, ''));
}

/** The one wildcard that covers a host (RFC 9525 §6.3). */
function wildcardOf(host: string): string | undefined {
  const parent = host.slice(host.indexOf('.') + 1);
  return parent.includes('.') ? `*.${parent}` : undefined;
}
