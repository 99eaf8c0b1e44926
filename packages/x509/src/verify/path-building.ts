// Builds a certification path (RFC 4158 §2): depth first from a certificate to a root, through every possible
// issuer. Limits: a path has at most 8 certificates, none of them twice, and a search verifies at most 100
// signatures.
import { X509Error } from '../errors.ts';
import type { ParsedCertificate } from '../read/parse-certificate.ts';
import { verifySignature } from './verify-signature.ts';

/** The certificate first, then each one's issuer. */
export type Path = readonly [ParsedCertificate, ...ParsedCertificate[]];

/** The certificates for a path. Roots are trusted; intermediates are not. */
export interface PathMaterial {
  readonly certificate: ParsedCertificate;
  readonly intermediates: readonly ParsedCertificate[];
  readonly roots: readonly ParsedCertificate[];
}

/** Further rules. Each function throws an X509Error if its rule is broken. */
export interface PathChecks {
  /** Checks an issuer by itself. It runs before the signature is verified, so it must be cheap. */
  readonly issuer: (issuer: ParsedCertificate) => void;
  /** Checks a path that ends in a root and whose signatures are valid. */
  readonly path: (path: Path) => void;
}

/**
 * The first path that passes the checks. A certificate that is itself a root is a path.
 * @throws X509Error what is wrong with the longest path: `issuer_unknown`, `signature_invalid`, or what the
 * checks throw
 */
export function buildPath({ certificate, intermediates, roots }: PathMaterial, checks: PathChecks): Path {
  const isRoot = (each: ParsedCertificate) => roots.some(({ der }) => isSame(der, each.der));
  const issuers = [...roots, ...intermediates.filter((each) => !isRoot(each))];
  const search: Search = { issuers, isRoot, checks, signatureChecks: 0, furthest: undefined };
  const path = extend(search, [certificate]);
  if (path !== undefined) return path;
  throw search.furthest?.error ?? noIssuer(certificate);
}

/** A certificate's name in errors: its subject or else its first alternative name, and its serial number. */
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

/** Issuers by name. The key identifier decides the order only: it is a hint (RFC 4158 §3.5.12). */
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

/** A path never needs the same authority twice, even with another certificate (RFC 4158 §2.4.2). */
function recurs(issuer: ParsedCertificate, path: Path): boolean {
  return path.some(
    ({ subject, spki }) => isSame(subject.der, issuer.subject.der) && isSame(spki, issuer.spki),
  );
}

function requireEligible(issuer: ParsedCertificate, path: Path, checks: PathChecks): void {
  checks.issuer(issuer);
  if (path.length < MAX_PATH) return;
  throw new X509Error('issuer_unknown', `no path with at most ${MAX_PATH} certificates leads to a root`);
}

function requireSignature(child: ParsedCertificate, issuer: ParsedCertificate): void {
  if (verifySignature(child, issuer.spki)) return;
  throw new X509Error(
    'signature_invalid',
    `${describe(child)} names ${describe(issuer)} as its issuer, but it is not signed with the issuer's key`,
  );
}

/** Whether `act` ran without an X509Error. Stores the error of the longest path for `buildPath`. */
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
  const issuer = JSON.stringify(child.issuer.text.slice(0, 100));
  const problem = isSelfIssued
    ? 'is self-signed and is not one of the roots'
    : `was issued by ${issuer}, which is neither among the roots nor among the intermediates`;
  return new X509Error('issuer_unknown', `${describe(child)} ${problem}`);
}

function tooMuchWork(): X509Error {
  return new X509Error(
    'issuer_unknown',
    `no path to a root was found after ${MAX_SIGNATURE_CHECKS} signatures; give fewer intermediates`,
  );
}

function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
