// An authority in files: a CA certificate in one, its private key in another. Refuses certificates that may
// not sign, and those that are not valid now.
import type { ParsedCertificate, Signer } from '@gatehouse/x509';
import { CliError, exitStatus } from '../../exit-status.ts';
import { readCertificates } from '../../input/pki-files.ts';
import { readSigner } from '../../input/private-key-file.ts';
import { shortTime } from '../../output/times.ts';
import type { CliProcess } from '../../process.ts';
import { holderOf } from './certificate-facts.ts';

export interface AuthorityFlags {
  ca: string;
  caKey: string;
  passphraseFile?: string;
}

export interface DeskAuthority {
  certificate: ParsedCertificate;
  /** The authorities above it: the certificates after it in the same file. */
  issuers: readonly ParsedCertificate[];
  signer: Signer;
}

/**
 * Reads both files. Throws `CliError` if they do not match, or if the certificate is not that of a valid
 * authority.
 */
export async function readAuthority(
  flags: AuthorityFlags,
  process: CliProcess,
  now: Date,
): Promise<DeskAuthority> {
  const [certificate, ...issuers] = await readCertificates(flags.ca);
  requireUsable(flags.ca, certificate, now);
  const signer = await readSigner({ path: flags.caKey, passphraseFile: flags.passphraseFile }, process);
  if (!Buffer.from(signer.publicKey).equals(certificate.spki)) {
    throw refused(`${flags.caKey} is not the private key of ${flags.ca} (${certificate.subject.text})`);
  }
  return { certificate, issuers, signer };
}

function requireUsable(path: string, certificate: ParsedCertificate, now: Date): void {
  const { isCa, notBefore, notAfter } = certificate;
  const who = `${path} (${holderOf(certificate)})`;
  if (!isCa) throw refused(`${who} is not the certificate of an authority: make one with 'gatehouse pki ca'`);
  if (now.getTime() >= notAfter.getTime() + 1000) {
    throw refused(
      `${who} expired on ${shortTime(notAfter.toISOString())}: sign with an authority that is valid`,
    );
  }
  if (now < notBefore) throw refused(`${who} is not valid before ${shortTime(notBefore.toISOString())}`);
}

function refused(message: string): CliError {
  return new CliError(exitStatus.failed, message);
}
