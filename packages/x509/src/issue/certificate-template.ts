// What is to be certified, and the rules of RFC 5280 that a template must keep, alone and under its issuer.
// Refuses contradictory profiles, servers without names, certificates that outlive their issuer or break its pathLenConstraint.
import type { KeyObject } from 'node:crypto';
import { readDer } from '../der/read.ts';
import { X509Error } from '../errors.ts';
import type { AuthorityInfoAccess, BasicConstraints, KeyPurpose, KeyUsage } from '../extensions.ts';
import type { GeneralName } from '../names/general-name.ts';
import { encodeName, readName, type Subject } from '../names/name.ts';
import {
  constrainedNames,
  type NameConstraints,
  nameConstraintViolation,
} from '../names/name-constraints.ts';

/** What all certificates of one kind share. Make it once and keep it: an issuer encodes each profile object only once. */
export interface CertificateProfile {
  readonly basicConstraints?: BasicConstraints;
  readonly keyUsage?: readonly KeyUsage[];
  readonly extendedKeyUsage?: readonly KeyPurpose[];
  /** For an authority: the names that may stand in certificates below it. */
  readonly nameConstraints?: NameConstraints;
  readonly authorityInfoAccess?: AuthorityInfoAccess;
  /** `http://` URLs that all lead to the same list. */
  readonly cRLDistributionPoints?: readonly string[];
  /** For the certificate of an OCSP responder, whose own status nobody is to ask for (RFC 6960 §4.2.2.2.1). */
  readonly ocspNoCheck?: boolean;
}

/** One certificate to be. Certificates count whole seconds: fractions of the dates are dropped. */
export interface CertificateTemplate {
  readonly profile: CertificateProfile;
  readonly subject: Subject;
  readonly subjectAltNames?: readonly GeneralName[];
  /** A public key, or its SPKI in DER: exporting a `KeyObject` costs more than the signature does. */
  readonly publicKey: KeyObject | Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** How far an issuer's own certificate reaches. */
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
  if (isCa !== signsCertificates) throw invalidProfile('an authority, and nothing else, has keyCertSign');
  if (nameConstraints !== undefined) checkConstraints(nameConstraints, isCa);
  if (pathLength === undefined) return;
  if (!isCa) throw invalidProfile('only an authority has a path length');
  if (!(Number.isInteger(pathLength) && pathLength >= 0 && pathLength <= MAX_PATH_LENGTH)) {
    throw invalidProfile(`a path length lies between 0 and ${MAX_PATH_LENGTH}`);
  }
}

/**
 * Checks what one certificate claims: dates in order, a name for whoever it is about (RFC 5280 §4.1.2.5–§4.1.2.6).
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
      'a certificate must name its subject; an authority by a distinguished name',
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
    throw new X509Error('issuer_outlived', `the issuer expires earlier, at ${issuer.notAfter.toISOString()}`);
  }
  if (!profile.basicConstraints?.isCa || issuer.pathLength === undefined) return;
  if ((profile.basicConstraints.pathLength ?? 0) >= issuer.pathLength) {
    throw new X509Error('path_length_exceeded', `the issuer's path length is ${issuer.pathLength}`);
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

/** Whether nobody is named by this subject. */
export function isEmptySubject(subject: Subject): boolean {
  return Object.values(subject).every((value) => value === undefined);
}

const MAX_PATH_LENGTH = 255;
const EARLIEST_MS = Date.UTC(1950);
const END_MS = Date.UTC(10_000);

function checkConstraints({ permitted = [], excluded = [] }: NameConstraints, isCa: boolean): void {
  if (!isCa) throw invalidProfile('only an authority has name constraints', '§4.2.1.10');
  if (permitted.length + excluded.length === 0)
    throw invalidProfile('name constraints must not be empty', '§4.2.1.10');
}

function invalidProfile(detail: string, section = '§4.2.1.9'): X509Error {
  return new X509Error('profile_invalid', `${detail} (RFC 5280 ${section})`);
}
