// Whether a certificate is for a server's name (RFC 9525 §6). Only its DNS names and IP addresses count, not
// its common name. Refuses wildcards that are only a part of a label or that cover a whole top-level domain,
// as browsers do.
import { canonicalDnsName, invalidName } from './dns-name.ts';
import type { ParsedGeneralName } from './general-name.ts';
import { formatIpAddress, parseIpAddress } from './ip-address.ts';

/**
 * @param name the expected host: a DNS name, with or without a final dot, or an IP address without brackets
 * @throws X509Error `general_name_invalid` if `name` is neither
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
