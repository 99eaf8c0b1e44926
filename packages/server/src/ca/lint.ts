// Nothing is signed that breaks RFC 5280 or our own profile: the linter reads the octets that are about to be signed.
import { lintCertificate } from '@gatehouse/x509';
import { GatehouseError } from '../platform/errors.ts';

/** Throws `certificate_refused`, naming every rule that is broken. */
export function refuseFindings(tbs: Uint8Array): void {
  const findings = lintCertificate(tbs);
  if (findings.length === 0) return;
  const broken = findings.map(({ rule, detail }) => `${rule}: ${detail}`).join('; ');
  throw new GatehouseError('certificate_refused', `The certificate would break a rule (${broken}).`);
}
