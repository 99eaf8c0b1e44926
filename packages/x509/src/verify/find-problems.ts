// Lists all problems of a certificate and its path, for people who must fix it. `verifyCertificate` decides,
// and stops at the first problem. If it refuses a certificate, this always finds a problem.
import { X509Error } from '../errors.ts';
import type { ParsedCertificate } from '../read/parse-certificate.ts';
import {
  requireAuthority,
  requireDates,
  requireKnownExtensions,
  requirePurpose,
} from './certificate-checks.ts';
import { createRevocationCheck } from './check-revocation.ts';
import { buildPath, type Path } from './path-building.ts';
import { requireNames, requirePathLengths, requirePurposeOfAuthorities } from './path-checks.ts';
import { readInput, requireName, type Verification, verifyCertificate } from './verify-certificate.ts';

/** One problem, and its certificate. */
export interface CertificateProblem {
  readonly certificate: ParsedCertificate;
  readonly error: X509Error;
}

/** The result of `findProblems`. */
export interface CertificateFindings {
  /** The certificate and the issuers found, up to a root if there is a path to one. */
  readonly chain: readonly ParsedCertificate[];
  /** Whether the chain ends in a trusted root, and each signature in it is valid. */
  readonly isRooted: boolean;
  /** Empty only if `verifyCertificate` accepts the certificate. */
  readonly problems: readonly CertificateProblem[];
}

/**
 * All problems of a certificate: its dates, its names and its purpose, the certificates above it, and how
 * they fit together.
 * @throws what `readCertificates` throws for malformed input
 * @example
 * const { problems } = findProblems({ certificate: fullChainPem, roots: rootPem, at: new Date(), name });
 * for (const { error } of problems) console.error(error.message);
 */
export function findProblems(verification: Verification): CertificateFindings {
  const [certificate, ...sent] = readInput(verification.certificate);
  if (certificate === undefined) throw new TypeError('there is no certificate to verify');
  const decision = decide(verification);
  if ('chain' in decision) return { chain: decision.chain, isRooted: true, problems: [] };
  const intermediates = [...sent, ...readInput(verification.intermediates ?? [])];
  const found = pathOf(certificate, intermediates, readInput(verification.roots));
  const problems = [
    ...problemsOfEach(found.path, verification),
    ...(found.error === undefined
      ? []
      : [{ certificate: found.path.at(-1) ?? certificate, error: found.error }]),
    ...(found.error === undefined ? problemsBetween(found.path, verification) : []),
  ];
  const isRooted = found.error === undefined;
  // Some rules are only checked together: then the decision itself is the problem.
  const all = problems.length === 0 ? [{ certificate, error: decision.error }] : problems;
  return { chain: found.path, isRooted, problems: all };
}

function decide(verification: Verification): { chain: ParsedCertificate[] } | { error: X509Error } {
  try {
    return verifyCertificate(verification);
  } catch (error) {
    if (error instanceof X509Error) return { error };
    throw error;
  }
}

/** A path with valid signatures, even if it has other problems. Otherwise the issuers, found by name. */
function pathOf(
  certificate: ParsedCertificate,
  intermediates: readonly ParsedCertificate[],
  roots: readonly ParsedCertificate[],
): { path: Path; error?: X509Error } {
  try {
    return { path: buildPath({ certificate, intermediates, roots }, { issuer: () => {}, path: () => {} }) };
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    return { path: byNames(certificate, intermediates), error };
  }
}

function byNames(certificate: ParsedCertificate, others: readonly ParsedCertificate[]): Path {
  const path: [ParsedCertificate, ...ParsedCertificate[]] = [certificate];
  while (path.length < MAX_PATH) {
    const last = path.at(-1) ?? certificate;
    const issuer = others.find((each) => isSame(each.subject.der, last.issuer.der) && !path.includes(each));
    if (issuer === undefined || isSame(last.subject.der, last.issuer.der)) break;
    path.push(issuer);
  }
  return path;
}

const MAX_PATH = 8;

function problemsOfEach(path: Path, { at, purpose, name }: Verification): CertificateProblem[] {
  return path.flatMap((certificate, index) => {
    const isIssuer = index > 0;
    const checks = [
      () => requireDates(certificate, at),
      () => requireKnownExtensions(certificate),
      () => isIssuer && requireAuthority(certificate),
      () => !isIssuer && purpose !== undefined && requirePurpose(certificate, purpose),
      () => !isIssuer && name !== undefined && requireName(certificate, name),
    ];
    return checks.flatMap((check) => attempt(check)).map((error) => ({ certificate, error }));
  });
}

function problemsBetween(path: Path, { at, purpose, revocationLists }: Verification): CertificateProblem[] {
  const requireNotRevoked = revocationLists && createRevocationCheck(revocationLists, at);
  const checks = [
    () => requirePathLengths(path),
    () => requireNames(path),
    () => purpose !== undefined && requirePurposeOfAuthorities(path, purpose),
    () => requireNotRevoked?.(path),
  ];
  return checks.flatMap((check) => attempt(check)).map((error) => ({ certificate: path[0], error }));
}

function attempt(check: () => unknown): X509Error[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof X509Error) return [error];
    throw error;
  }
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
