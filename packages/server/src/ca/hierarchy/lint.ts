// Nothing is signed that breaks RFC 5280 or our own profile: the linter reads the octets that are about to be
// signed.
import { GatehouseError } from '@gatehouse/access';
import type { ParsedCertificate } from '@gatehouse/x509';
import { lintCertificate } from '@gatehouse/x509';

/**
 * Checks what `issuer` is about to sign, or without `issuer` a root. It throws `certificate_refused` with
 * every rule that is broken.
 */
export function createInspection(issuer?: ParsedCertificate): (tbs: Uint8Array) => void {
  return (tbs) => {
    const findings = lintCertificate(tbs, issuer && { issuer });
    if (findings.length === 0) return;
    const broken = findings.map(({ rule, detail }) => `${rule}: ${detail}`).join('; ');
    throw new GatehouseError('certificate_refused', `The certificate would break a rule (${broken}).`);
  };
}
