// The shared parts of `pki ca` and `pki sign`: dates, the check of a certificate before it is written, and
// the facts to print.
import { hash } from 'node:crypto';
import { type IssuedCertificate, lintCertificate } from '@gatehouse/x509';
import { CliError, exitStatus } from '../../exit-status.ts';

/** Begins at the current whole second. */
export function validityOf(lifetimeSeconds: number, now: Date): { notBefore: Date; notAfter: Date } {
  const startMs = Math.floor(now.getTime() / 1000) * 1000;
  return { notBefore: new Date(startMs), notAfter: new Date(startMs + lifetimeSeconds * 1000) };
}

/** Refuses a certificate that breaks RFC 5280. Throws `CliError` with the findings. */
export function requireClean(der: Uint8Array): void {
  const findings = lintCertificate(der).map(({ detail, section }) => `${detail} (${section})`);
  if (findings.length > 0)
    throw new CliError(exitStatus.failed, `nothing was signed: ${findings.join('; ')}`);
}

export function issuedFacts({ der, serialNumber, notBefore, notAfter }: IssuedCertificate) {
  return {
    serialNumber,
    notBefore: notBefore.toISOString(),
    notAfter: notAfter.toISOString(),
    sha256: hash('sha256', der, 'hex'),
  };
}
