// Verifying a certificate: path building and validation (RFC 5280 §6), for a purpose and for a server's name (RFC 9525).
// Policies are not processed: certificates that make them critical are refused. Revocation is judged by the lists that are handed in.

import { X509Error } from '../errors.ts';
import type { KeyPurpose } from '../extensions.ts';
import {
  requireAuthority,
  requireDates,
  requireKnownExtensions,
  requirePurpose,
} from '../issue/certificate-checks.ts';
import { formatGeneralName } from '../names/general-name.ts';
import { matchesName } from '../names/match-name.ts';
import { type ParsedCertificate, readCertificates } from '../read/parse-certificate.ts';
import type { ParsedRevocationList } from '../read/parse-crl.ts';
import { createRevocationCheck } from './check-revocation.ts';
import { buildPath, describe } from './path-building.ts';
import { requireNames, requirePathLengths, requirePurposeOfAuthorities } from './path-checks.ts';

/** Certificates: DER, PEM of any number of them, certificates that were read before, or a list of these. */
export type CertificateInput = string | Uint8Array | ParsedCertificate | readonly CertificateInput[];

/** What is to be verified, and against what. */
export interface Verification {
  /** The certificate; what follows it in the same PEM counts as intermediates. */
  readonly certificate: CertificateInput;
  readonly intermediates?: CertificateInput;
  /** Who is trusted. A root need not be self-signed. */
  readonly roots: CertificateInput;
  readonly at: Date;
  readonly purpose?: KeyPurpose;
  /** DNS name or IP address of the server that was meant. */
  readonly name?: string;
  /** When given, also empty: the certificate must be covered by a current list of its issuer. */
  readonly revocationLists?: readonly ParsedRevocationList[];
}

/** The path that was found: the certificate first, a root last. */
export interface VerifiedCertificate {
  readonly chain: ParsedCertificate[];
}

/**
 * Verifies a certificate and names its path to a root.
 * @throws X509Error `certificate_expired`, `certificate_not_yet_valid`, `issuer_unknown`, `signature_invalid`, `name_mismatch`,
 * `purpose_mismatch`, `certificate_revoked`, `revocation_stale`, `name_constraint_violated`, `path_length_exceeded`,
 * `issuer_invalid`, `extension_unknown`, `algorithm_unsupported`, `key_unsupported` or `key_invalid`; codes of reading for malformed input
 */
export function verifyCertificate({
  at,
  purpose,
  name,
  revocationLists,
  ...input
}: Verification): VerifiedCertificate {
  const [certificate, ...sent] = readInput(input.certificate);
  if (certificate === undefined) throw new TypeError('there is no certificate to verify');
  const intermediates = [...sent, ...readInput(input.intermediates ?? [])];
  requireDates(certificate, at);
  requireKnownExtensions(certificate);
  if (purpose !== undefined) requirePurpose(certificate, purpose);
  if (name !== undefined) requireName(certificate, name);
  const requireNotRevoked = revocationLists && createRevocationCheck(revocationLists, at);
  const path = buildPath(
    { certificate, intermediates, roots: readInput(input.roots) },
    {
      issuer: (issuer) => {
        requireAuthority(issuer);
        requireDates(issuer, at);
        requireKnownExtensions(issuer);
      },
      path: (candidate) => {
        requirePathLengths(candidate);
        requireNames(candidate);
        if (purpose !== undefined) requirePurposeOfAuthorities(candidate, purpose);
        requireNotRevoked?.(candidate);
      },
    },
  );
  return { chain: [...path] };
}

function readInput(input: CertificateInput): readonly ParsedCertificate[] {
  if (typeof input === 'string' || input instanceof Uint8Array) return readCertificates(input);
  return isParsed(input) ? [input] : input.flatMap(readInput);
}

function isParsed(input: ParsedCertificate | readonly CertificateInput[]): input is ParsedCertificate {
  return 'der' in input;
}

function requireName(certificate: ParsedCertificate, name: string): void {
  if (matchesName(name, certificate.subjectAltNames)) return;
  const names = certificate.subjectAltNames.map(formatGeneralName).join(', ').slice(0, 300);
  throw new X509Error(
    'name_mismatch',
    `${describe(certificate)} is not for ${JSON.stringify(name.slice(0, 100))}; its names are ${names || 'none (a common name does not count)'}`,
  );
}
