// Lints everything before it is signed, by RFC 5280 and our own profile. The linter reads the final octets.
import { GatehouseError } from '@gatehouse/access';
import type { ParsedCertificate } from '@gatehouse/x509';
import { lintCertificate } from '@gatehouse/x509';

/**
 * Checks the certificate that `issuer` will sign; without `issuer`, a root. Throws `certificate_refused` with
 * all broken rules.
 */
export function createInspection(issuer?: ParsedCertificate): (tbs: Uint8Array) => void {
  return (tbs) => {
    const findings = lintCertificate(tbs, issuer && { issuer });
    if (findings.length === 0) return;
    const broken = findings.map(({ rule, detail }) => `${rule}: ${detail}`).join('; ');
    throw new GatehouseError('certificate_refused', `The certificate would break a rule (${broken}).`);
  };
}
