// Verifies a certificate: path building and validation (RFC 5280 §6), for a purpose and for a server's name
// (RFC 9525). Policies are not processed: certificates with critical policies are refused. The caller gives
// the revocation lists.
import { X509Error } from '../errors.ts';
import type { KeyPurpose } from '../key-usage.ts';
import { formatGeneralName } from '../names/general-name.ts';
import { matchesName } from '../names/match-name.ts';
import { type ParsedCertificate, readCertificates } from '../read/parse-certificate.ts';
import type { ParsedRevocationList } from '../read/parse-crl.ts';
import {
  requireAuthority,
  requireDates,
  requireKnownExtensions,
  requirePurpose,
} from './certificate-checks.ts';
import { createRevocationCheck } from './check-revocation.ts';
import { buildPath, describe } from './path-building.ts';
import { requireNames, requirePathLengths, requirePurposeOfAuthorities } from './path-checks.ts';

/** Certificates: DER, PEM with any number of them, certificates from the reader, or a list of these. */
export type CertificateInput = string | Uint8Array | ParsedCertificate | readonly CertificateInput[];

/** What to verify, and how. */
export interface Verification {
  /** The certificate. Others after it in the same PEM are intermediates. */
  readonly certificate: CertificateInput;
  readonly intermediates?: CertificateInput;
  /** The trusted certificates. A root need not be self-signed. */
  readonly roots: CertificateInput;
  readonly at: Date;
  readonly purpose?: KeyPurpose;
  /** The DNS name or IP address of the server. */
  readonly name?: string;
  /** If given, even as an empty list, a current list of the issuer must cover the certificate. */
  readonly revocationLists?: readonly ParsedRevocationList[];
}

/** The path. The certificate is first, a root last. */
export interface VerifiedCertificate {
  readonly chain: ParsedCertificate[];
}

/**
 * Verifies a certificate, and returns its path to a root.
 * @throws X509Error `certificate_expired`, `certificate_not_yet_valid`, `issuer_unknown`,
 * `signature_invalid`, `name_mismatch`, `purpose_mismatch`, `certificate_revoked`, `revocation_stale`,
 * `name_constraint_violated`, `path_length_exceeded`, `issuer_invalid`, `extension_unknown`,
 * `algorithm_unsupported`, `key_unsupported` or `key_invalid`; for malformed input, the errors of
 * `readCertificates`
 * @example
 * const input = { certificate: fullChainPem, roots: rootPem, at: new Date() };
 * const { chain } = verifyCertificate({ ...input, purpose: 'serverAuth', name: 'api.example.com' });
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

/** All certificates of an input, in its order. */
export function readInput(input: CertificateInput): readonly ParsedCertificate[] {
  if (typeof input === 'string' || input instanceof Uint8Array) return readCertificates(input);
  return isParsed(input) ? [input] : input.flatMap(readInput);
}

function isParsed(input: ParsedCertificate | readonly CertificateInput[]): input is ParsedCertificate {
  return 'der' in input;
}

/**
 * Checks that a server's certificate has this name (RFC 9525 §6).
 * @throws X509Error `name_mismatch`
 */
export function requireName(certificate: ParsedCertificate, name: string): void {
  if (matchesName(name, certificate.subjectAltNames)) return;
  const names = certificate.subjectAltNames.map(formatGeneralName).join(', ').slice(0, 300);
  const found =
    names === '' ? 'it has no alternative names (a common name does not count)' : `its names are ${names}`;
  throw new X509Error(
    'name_mismatch',
    `${describe(certificate)} is not for ${JSON.stringify(name.slice(0, 100))}; ${found}`,
  );
}
