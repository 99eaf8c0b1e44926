// Reads the answer of a root that is stored elsewhere: the certificate of the requested intermediate, and the
// root itself. Refuses a certificate for another key or without the rights of an authority, and a chain that
// does not verify (RFC 5280 §6). Refuses an intermediate below which a kind of certificate would not be
// valid.
import { randomBytes } from 'node:crypto';
import { GatehouseError } from '@gatehouse/access';
import type { ParsedCertificate } from '@gatehouse/x509';
import { createIssuer, encodePem, readCertificates, verifyCertificate, X509Error } from '@gatehouse/x509';
import type { TrialChain } from './trial.ts';
import { trialFailure } from './trial.ts';
import type { TrialSettings } from './trial-kinds.ts';

/** PEM texts. */
export interface ImportedFiles {
  intermediate: string;
  roots: string;
}

/** The key of the request, the time, and the certificates that will be issued. */
export type Importing = Pick<TrialChain, 'signer' | 'now'> & TrialSettings;

export interface ImportedAuthority extends ParsedCertificate {
  pem: string;
}

const MIN_REMAINING_MS = 60_000;
const WITHOUT_IT = 'have the request signed again, without the extension that forbids this';
const WITH_IT =
  "have the request signed again, with it ('gatehouse pki sign --profile intermediate' adds it)";

/** Throws `unprocessable`, with the mistake and the remedy. */
export function checkImport(
  files: ImportedFiles,
  importing: Importing,
): { intermediate: ImportedAuthority; root: ImportedAuthority } {
  try {
    const [intermediate, ...others] = readCertificates(files.intermediate);
    if (!intermediate || others.length > 0) {
      throw unusable('the file of the intermediate must have exactly one certificate');
    }
    requireUsable(intermediate, importing);
    const { chain } = verifyCertificate({
      certificate: intermediate.der,
      roots: files.roots,
      at: new Date(importing.now),
    });
    const [, root, ...above] = chain;
    if (!root || above.length > 0) throw unusable('the intermediate must be signed by the root itself');
    requireIdentified(intermediate, root);
    const failure = trialFailure({ ...importing, intermediate, root }, importing);
    if (failure !== undefined) throw unusable(`${failure}; ${WITHOUT_IT}`);
    return { intermediate: withPem(intermediate), root: withPem(root) };
  } catch (error) {
    if (error instanceof X509Error) throw unusable(error.message, error);
    throw error;
  }
}

function requireUsable(intermediate: ParsedCertificate, { signer, now }: Importing): void {
  if (Buffer.compare(intermediate.spki, signer.publicKey) !== 0) {
    throw unusable("it is for another key: sign the request that 'gatehouse ca request' prints now");
  }
  if (intermediate.keyUsage === undefined)
    throw unusable(`it has no keyUsage (RFC 5280 §4.2.1.3); ${WITH_IT}`);
  if (!intermediate.keyUsage.includes('cRLSign')) {
    throw unusable(`its keyUsage lacks cRLSign, so it could not sign revocation lists; ${WITH_IT}`);
  }
  if (intermediate.notAfter.getTime() < now + MIN_REMAINING_MS) throw unusable('it has expired');
  createIssuer({ certificate: intermediate.der, signer, randomBytes });
}

/**
 * Strict clients refuse everything below an authority without them: Python since 3.13, openssl -x509_strict.
 */
function requireIdentified(intermediate: ParsedCertificate, root: ParsedCertificate): void {
  const { subjectKeyIdentifier, authorityKeyIdentifier } = intermediate;
  if (subjectKeyIdentifier === undefined) {
    throw unusable(`it has no subjectKeyIdentifier (RFC 5280 §4.2.1.2); ${WITH_IT}`);
  }
  if (authorityKeyIdentifier === undefined) {
    throw unusable(
      `it has no authorityKeyIdentifier with the root's key identifier (RFC 5280 §4.2.1.1); ${WITH_IT}`,
    );
  }
  if ((root.subjectKeyIdentifier ?? authorityKeyIdentifier) !== authorityKeyIdentifier) {
    throw unusable(
      `its authorityKeyIdentifier is ${authorityKeyIdentifier}, and the root's subjectKeyIdentifier is ` +
        `${root.subjectKeyIdentifier}; have the request signed with this root`,
    );
  }
}

function withPem(certificate: ParsedCertificate): ImportedAuthority {
  return { ...certificate, pem: encodePem('CERTIFICATE', certificate.der) };
}

function unusable(reason: string, cause?: unknown): GatehouseError {
  return new GatehouseError('unprocessable', `The intermediate cannot be imported: ${reason}.`, { cause });
}
