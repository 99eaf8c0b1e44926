// Checks the certificates of a path against the caller's revocation lists (RFC 5280 §6.3.3). Fails closed:
// the first certificate needs a current, complete list that its issuer signed. Each authority with a list
// needs such a list too.
import { X509Error } from '../errors.ts';
import type { ParsedCertificate } from '../read/parse-certificate.ts';
import type { ParsedRevocationList } from '../read/parse-crl.ts';
import { describe, type Path } from './path-building.ts';
import { verifySignature } from './verify-signature.ts';

/**
 * Creates a check for many paths at one time. The signature of each list is verified once for each possible
 * issuer. The check throws X509Error `certificate_revoked`, `revocation_stale` if no list is current,
 * `extension_unknown` if a list is limited in an unknown way, and `issuer_invalid` if the issuer may not sign
 * lists.
 */
export function createRevocationCheck(
  lists: readonly ParsedRevocationList[],
  at: Date,
): (path: Path) => void {
  const isSigned = createSignatureMemo();
  return (path) => {
    path.slice(0, -1).forEach((certificate, index) => {
      const issuer = path[index + 1] ?? certificate;
      const relevant = lists.filter((list) => isOfIssuer(list, issuer) && covers(list, certificate));
      if (relevant.length === 0 && index > 0) return;
      requireListSigner(issuer);
      const signed = relevant.filter((list) => isSigned(list, issuer));
      requireNotListed(certificate, signed);
      requireCurrent(certificate, signed, at);
    });
  };
}

function createSignatureMemo(): (list: ParsedRevocationList, issuer: ParsedCertificate) => boolean {
  const known = new Map<ParsedRevocationList, Map<ParsedCertificate, boolean>>();
  return (list, issuer) => {
    const ofList = known.get(list) ?? new Map<ParsedCertificate, boolean>();
    known.set(list, ofList);
    const answer = ofList.get(issuer) ?? verifySignature(list, issuer.spki);
    ofList.set(issuer, answer);
    return answer;
  };
}

function isOfIssuer({ issuer }: ParsedRevocationList, { subject }: ParsedCertificate): boolean {
  return Buffer.compare(issuer.der, subject.der) === 0;
}

/**
 * A list for one distribution point covers only certificates that name this point (RFC 5280 §6.3.3, b.2). A
 * list without one covers everything that its issuer signed.
 */
function covers({ distributionPoint }: ParsedRevocationList, certificate: ParsedCertificate): boolean {
  return distributionPoint === undefined || certificate.cRLDistributionPoints.includes(distributionPoint);
}

function requireListSigner(issuer: ParsedCertificate): void {
  if (issuer.keyUsage?.includes('cRLSign') !== false) return;
  throw new X509Error(
    'issuer_invalid',
    `${describe(issuer)} may not sign revocation lists (RFC 5280 §4.2.1.3)`,
  );
}

/** A revoked certificate stays revoked, so outdated lists and lists with unknown extensions count here. */
function requireNotListed(certificate: ParsedCertificate, lists: readonly ParsedRevocationList[]): void {
  for (const { revoked } of lists) {
    const entry = revoked.get(certificate.serialNumber);
    if (entry === undefined) continue;
    throw new X509Error(
      'certificate_revoked',
      `${describe(certificate)} was revoked at ${entry.revokedAt.toISOString()} (${entry.reason})`,
    );
  }
}

function requireCurrent(
  certificate: ParsedCertificate,
  lists: readonly ParsedRevocationList[],
  at: Date,
): void {
  const current = lists.filter(
    ({ thisUpdate, nextUpdate }) => thisUpdate <= at && nextUpdate && at <= nextUpdate,
  );
  const [list] = current;
  if (list === undefined) {
    const problem = lists.length === 0 ? 'no revocation list of its issuer' : 'no current revocation list';
    throw new X509Error(
      'revocation_stale',
      `${problem} covers ${describe(certificate)}; fetch a new list from the issuer`,
    );
  }
  if (current.some(({ uninterpretedCritical }) => uninterpretedCritical.length === 0)) return;
  const extension = `the unknown critical extension ${list.uninterpretedCritical[0]}`;
  throw new X509Error(
    'extension_unknown',
    `the revocation list for ${describe(certificate)} has ${extension} (RFC 5280 §5.2)`,
  );
}
