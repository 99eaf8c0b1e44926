// Building a certification path (RFC 4158 §2): depth first from a certificate to a root, over every issuer that might be the right one.
// Bounded: a path has at most 8 certificates, none of them twice, and a search checks at most 100 signatures.
import { X509Error } from '../errors.ts';
import type { ParsedCertificate } from '../read/parse-certificate.ts';
import { verifySignature } from './verify-signature.ts';

/** The certificate first, then each one's issuer. */
export type Path = readonly [ParsedCertificate, ...ParsedCertificate[]];

/** Where a path may run. Roots are trusted as they are; intermediates are mere material. */
export interface PathMaterial {
  readonly certificate: ParsedCertificate;
  readonly intermediates: readonly ParsedCertificate[];
  readonly roots: readonly ParsedCertificate[];
}

/** What is asked of a path; each throws an X509Error when it is not so. */
export interface PathChecks {
  /** Of each issuer by itself: cheap, since it comes before the signature. */
  readonly issuer: (issuer: ParsedCertificate) => void;
  /** Of a path whose signatures hold, and which ends in a root. */
  readonly path: (path: Path) => void;
}

/**
 * The first path that passes the checks. A certificate that is itself among the roots is a path.
 * @throws X509Error why the path that came furthest is none: `issuer_unknown`, `signature_invalid`, or what the checks throw
 */
export function buildPath({ certificate, intermediates, roots }: PathMaterial, checks: PathChecks): Path {
  const isRoot = (each: ParsedCertificate) => roots.some(({ der }) => isSame(der, each.der));
  const issuers = [...roots, ...intermediates.filter((each) => !isRoot(each))];
  const search: Search = { issuers, isRoot, checks, signatureChecks: 0, furthest: undefined };
  const path = extend(search, [certificate]);
  if (path !== undefined) return path;
  throw search.furthest?.error ?? noIssuer(certificate);
}

/** What errors call a certificate: its subject, or else its first name. */
export function describe({ subject, subjectAltNames: [name], serialNumber }: ParsedCertificate): string {
  const text = subject.text || (name && 'value' in name ? name.value : '');
  return `${JSON.stringify(text.slice(0, 100))} (serial ${serialNumber.slice(0, 41)})`;
}

interface Search {
  readonly issuers: readonly ParsedCertificate[];
  readonly isRoot: (certificate: ParsedCertificate) => boolean;
  readonly checks: PathChecks;
  signatureChecks: number;
  furthest: Failure | undefined;
}

interface Failure {
  readonly error: X509Error;
  readonly progress: number;
}

const MAX_PATH = 8;
const MAX_SIGNATURE_CHECKS = 100;

function extend(search: Search, path: Path): Path | undefined {
  const child = path.at(-1) ?? path[0];
  if (search.isRoot(child)) return attempt(search, path, () => search.checks.path(path)) ? path : undefined;
  const candidates = candidatesFor(child, search.issuers).filter((issuer) => !recurs(issuer, path));
  if (candidates.length === 0) note(search, path, noIssuer(child));
  for (const issuer of candidates) {
    if (!attempt(search, path, () => requireEligible(issuer, path, search.checks))) continue;
    if (++search.signatureChecks > MAX_SIGNATURE_CHECKS) throw tooMuchWork();
    if (!attempt(search, path, () => requireSignature(child, issuer))) continue;
    const found = extend(search, [...path, issuer]);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Issuers by name; those whose key identifier fits come first, those with another one last, since it is but a hint (RFC 4158 §3.5.12). */
function candidatesFor(child: ParsedCertificate, issuers: readonly ParsedCertificate[]): ParsedCertificate[] {
  return issuers
    .filter(({ subject }) => isSame(subject.der, child.issuer.der))
    .sort((left, right) => mismatch(child, left) - mismatch(child, right));
}

function mismatch({ authorityKeyIdentifier: wanted }: ParsedCertificate, issuer: ParsedCertificate): number {
  const { subjectKeyIdentifier: offered } = issuer;
  if (wanted === undefined || offered === undefined) return 1;
  return wanted === offered ? 0 : 2;
}

/** The same authority twice, even by another certificate, would make a path longer and nothing else (RFC 4158 §2.4.2). */
function recurs(issuer: ParsedCertificate, path: Path): boolean {
  return path.some(
    ({ subject, spki }) => isSame(subject.der, issuer.subject.der) && isSame(spki, issuer.spki),
  );
}

function requireEligible(issuer: ParsedCertificate, path: Path, checks: PathChecks): void {
  checks.issuer(issuer);
  if (path.length < MAX_PATH) return;
  throw new X509Error('issuer_unknown', `no path of at most ${MAX_PATH} certificates leads to a root`);
}

function requireSignature(child: ParsedCertificate, issuer: ParsedCertificate): void {
  if (verifySignature(child, issuer.spki)) return;
  throw new X509Error(
    'signature_invalid',
    `${describe(child)} names ${describe(issuer)} as its issuer but is not signed with its key`,
  );
}

/** Whether `act` ran without an X509Error, which is kept if no other path came as far. */
function attempt(search: Search, path: Path, act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (!(error instanceof X509Error)) throw error;
    note(search, path, error);
    return false;
  }
}

function note(search: Search, path: Path, error: X509Error): void {
  const progress = path.length;
  if (progress > (search.furthest?.progress ?? 0)) search.furthest = { error, progress };
}

function noIssuer(child: ParsedCertificate): X509Error {
  const isSelfIssued = isSame(child.subject.der, child.issuer.der);
  const problem = isSelfIssued
    ? 'signs for itself and is not among the roots'
    : `was issued by ${JSON.stringify(child.issuer.text.slice(0, 100))}, whose certificate is neither among the roots nor the intermediates`;
  return new X509Error('issuer_unknown', `${describe(child)} ${problem}`);
}

function tooMuchWork(): X509Error {
  return new X509Error(
    'issuer_unknown',
    `no path to a root was found within ${MAX_SIGNATURE_CHECKS} signature checks`,
  );
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
