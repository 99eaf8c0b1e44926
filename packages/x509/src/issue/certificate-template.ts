// Templates of certificates, and the rules of RFC 5280 for one template and for a template under its issuer.
// Refuses contradictory profiles, servers without names, and certificates that are valid longer than their
// issuer or exceed its path length.
import type { KeyObject } from 'node:crypto';
import { readDer } from '../der/read.ts';
import { X509Error } from '../errors.ts';
import type { KeyPurpose, KeyUsage } from '../key-usage.ts';
import type { GeneralName } from '../names/general-name.ts';
import { encodeName, readName, type Subject } from '../names/name.ts';
import {
  constrainedNames,
  type NameConstraints,
  nameConstraintViolation,
} from '../names/name-constraints.ts';
import type { AuthorityInfoAccess, BasicConstraints } from './extensions.ts';

/**
 * The parts that all certificates of one kind share. Create it once and reuse it: an issuer encodes each
 * profile object only once.
 */
export interface CertificateProfile {
  readonly basicConstraints?: BasicConstraints;
  readonly keyUsage?: readonly KeyUsage[];
  readonly extendedKeyUsage?: readonly KeyPurpose[];
  /** Only for an authority: the names that certificates below it may have. */
  readonly nameConstraints?: NameConstraints;
  readonly authorityInfoAccess?: AuthorityInfoAccess;
  /** `http://` URLs of the same revocation list. */
  readonly cRLDistributionPoints?: readonly string[];
  /** Only for an OCSP responder: clients do not check whether it is revoked (RFC 6960 §4.2.2.2.1). */
  readonly ocspNoCheck?: boolean;
  /** Only for the answer to a tls-alpn-01 challenge: the SHA-256 of the key authorization (RFC 8737 §3). */
  readonly acmeIdentifier?: Uint8Array;
}

/** A certificate to issue. Certificates have whole seconds: fractions of the dates are dropped. */
export interface CertificateTemplate {
  readonly profile: CertificateProfile;
  readonly subject: Subject;
  readonly subjectAltNames?: readonly GeneralName[];
  /**
   * A public key, or its SPKI in DER. SPKI is faster: exporting a `KeyObject` takes longer than the
   * signature.
   */
  readonly publicKey: KeyObject | Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The limits that an issuer's certificate sets. */
export interface IssuerLimits {
  readonly notAfter: Date;
  readonly pathLength?: number | undefined;
}

/**
 * Checks that the parts of a profile agree (RFC 5280 §4.2.1.3, §4.2.1.9, §4.2.1.10).
 * @throws X509Error `profile_invalid`
 */
export function checkProfile({ basicConstraints, keyUsage, nameConstraints }: CertificateProfile): void {
  const { isCa = false, pathLength } = basicConstraints ?? {};
  const signsCertificates = keyUsage?.includes('keyCertSign') ?? false;
  if (isCa !== signsCertificates) {
    throw invalidProfile('an authority needs the key usage keyCertSign, and only an authority may have it');
  }
  if (nameConstraints !== undefined) checkConstraints(nameConstraints, isCa);
  if (pathLength === undefined) return;
  if (!isCa) throw invalidProfile('only an authority may have a path length');
  if (!(Number.isInteger(pathLength) && pathLength >= 0 && pathLength <= MAX_PATH_LENGTH)) {
    throw invalidProfile(`the path length ${pathLength} is not a whole number from 0 to ${MAX_PATH_LENGTH}`);
  }
}

/**
 * Checks one template by itself: the dates are in order, and the subject has a name (RFC 5280 §4.1.2.5,
 * §4.1.2.6).
 * @throws X509Error `validity_invalid` or `subject_missing`
 */
export function checkTemplate({
  profile,
  subject,
  subjectAltNames = [],
  notBefore,
  notAfter,
}: CertificateTemplate): void {
  const [from, to] = [notBefore.getTime(), notAfter.getTime()];
  if (!(from >= EARLIEST_MS && to < END_MS && from < to)) {
    throw new X509Error(
      'validity_invalid',
      'notBefore must come before notAfter, both in the years 1950 to 9999',
    );
  }
  const isCa = profile.basicConstraints?.isCa ?? false;
  const isServer = !isCa && (profile.extendedKeyUsage?.includes('serverAuth') ?? false);
  if (isEmptySubject(subject) && (isCa || subjectAltNames.length === 0)) {
    throw new X509Error(
      'subject_missing',
      isCa
        ? 'an authority needs a subject, such as a common name (RFC 5280 §4.1.2.6)'
        : 'a certificate needs a subject or an alternative name (RFC 5280 §4.1.2.6)',
    );
  }
  if (isServer && !subjectAltNames.some(({ type }) => type === 'dNSName' || type === 'iPAddress')) {
    throw new X509Error(
      'subject_missing',
      'a server certificate needs a DNS name or an IP address (RFC 9525 §2)',
    );
  }
}

/**
 * Checks a template against its issuer's certificate (RFC 5280 §4.2.1.9, §6.1).
 * @throws X509Error `issuer_outlived` or `path_length_exceeded`
 */
export function checkUnderIssuer({ profile, notAfter }: CertificateTemplate, issuer: IssuerLimits): void {
  if (notAfter.getTime() >= issuer.notAfter.getTime() + 1000) {
    const [end, issuerEnd] = [notAfter.toISOString(), issuer.notAfter.toISOString()];
    throw new X509Error(
      'issuer_outlived',
      `the certificate would end at ${end}, after its issuer, which expires at ${issuerEnd}`,
    );
  }
  if (!profile.basicConstraints?.isCa || issuer.pathLength === undefined) return;
  if ((profile.basicConstraints.pathLength ?? 0) >= issuer.pathLength) {
    throw new X509Error(
      'path_length_exceeded',
      `the path length must be less than that of the issuer, which is ${issuer.pathLength} (RFC 5280 §4.2.1.9)`,
    );
  }
}

/**
 * Checks a template's names against the name constraints of every authority above it (RFC 5280 §4.2.1.10).
 * @throws X509Error `name_constraint_violated`
 */
export function checkNames(
  { subject, subjectAltNames = [] }: CertificateTemplate,
  constraints: readonly NameConstraints[],
): void {
  if (constraints.length === 0) return;
  const names = constrainedNames(readDer(encodeName(subject), readName), subjectAltNames);
  for (const each of constraints) {
    const violation = nameConstraintViolation(names, each);
    if (violation === undefined) continue;
    throw new X509Error('name_constraint_violated', `the issuer may not certify this name: ${violation}`);
  }
}

/** Whether a subject has no attributes. */
export function isEmptySubject(subject: Subject): boolean {
  return Object.values(subject).every((value) => value === undefined);
}

const MAX_PATH_LENGTH = 255;
const EARLIEST_MS = Date.UTC(1950);
const END_MS = Date.UTC(10_000);

function checkConstraints({ permitted = [], excluded = [] }: NameConstraints, isCa: boolean): void {
  if (!isCa) throw invalidProfile('only an authority may have name constraints', '§4.2.1.10');
  if (permitted.length + excluded.length === 0)
    throw invalidProfile('name constraints must not be empty', '§4.2.1.10');
}

function invalidProfile(detail: string, section = '§4.2.1.9'): X509Error {
  return new X509Error('profile_invalid', `${detail} (RFC 5280 ${section})`);
}
