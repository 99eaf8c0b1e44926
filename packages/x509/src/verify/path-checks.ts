// Rules between the certificates of a path (RFC 5280 §6.1.3, §6.1.4): path length, name constraints and
// purposes. The purposes of an authority limit every certificate below it, as in browsers.
import { X509Error } from '../errors.ts';
import type { KeyPurpose } from '../key-usage.ts';
import { constrainedNames, nameConstraintViolation } from '../names/name-constraints.ts';
import type { ParsedCertificate } from '../read/parse-certificate.ts';
import { describe, type Path } from './path-building.ts';

/**
 * Checks that no authority has more authorities below it than its path length allows (RFC 5280 §4.2.1.9).
 * @throws X509Error `path_length_exceeded`
 */
export function requirePathLengths([, ...authorities]: Path): void {
  let below = 0;
  for (const authority of authorities) {
    if (below > (authority.pathLength ?? Number.POSITIVE_INFINITY)) {
      throw new X509Error(
        'path_length_exceeded',
        `${describe(authority)} allows ${authority.pathLength} authorities below it; the path has ${below}`,
      );
    }
    if (!isSelfIssued(authority)) below++;
  }
}

/**
 * Checks all names below each authority against its name constraints (RFC 5280 §4.2.1.10).
 * @throws X509Error `name_constraint_violated`
 */
export function requireNames(path: Path): void {
  path.forEach((authority, index) => {
    if (authority.nameConstraints === undefined) return;
    for (const [position, below] of path.slice(0, index).entries()) {
      if (position > 0 && isSelfIssued(below)) continue;
      const names = constrainedNames(below.subject, below.subjectAltNames);
      const violation = nameConstraintViolation(names, authority.nameConstraints);
      if (violation === undefined) continue;
      throw new X509Error(
        'name_constraint_violated',
        `${describe(authority)} may not issue ${describe(below)}: ${violation}`,
      );
    }
  });
}

/**
 * Checks that each authority may issue for this purpose.
 * @throws X509Error `purpose_mismatch`
 */
export function requirePurposeOfAuthorities([, ...authorities]: Path, purpose: KeyPurpose): void {
  for (const authority of authorities) {
    const { extendedKeyUsage = ['anyExtendedKeyUsage'] } = authority;
    if (extendedKeyUsage.some((each) => each === purpose || each === 'anyExtendedKeyUsage')) continue;
    const allowed = extendedKeyUsage.join(', ').slice(0, 200);
    throw new X509Error(
      'purpose_mismatch',
      `${describe(authority)} may not issue certificates for ${purpose}, only for ${allowed}`,
    );
  }
}

function isSelfIssued({ subject, issuer }: ParsedCertificate): boolean {
  return Buffer.compare(subject.der, issuer.der) === 0;
}
