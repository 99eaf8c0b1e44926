// Issuing certificates (RFC 5280 §4). What an issuer's certificates share is encoded once; the rest for each of them.
// Refuses issuers that are no authority or hold another key, and templates that break the rules of `certificate-template.ts`.

import { type Der, encodeDer } from '../der/write.ts';
import { X509Error } from '../errors.ts';
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  cRLDistributionPoints,
  extendedKeyUsage,
  keyUsage,
  nameConstraints,
  ocspNoCheck,
  subjectAltName,
} from '../extensions.ts';
import { encodeSignatureAlgorithm, type Signer } from '../keys/signer.ts';
import { encodeSpki } from '../keys/spki.ts';
import { encodeName } from '../names/name.ts';
import { type ParsedCertificate, readCertificate, readCertificates } from '../read/parse-certificate.ts';
import { keyIdentifierOf, requireOwnKey } from './authority.ts';
import { createMould, type Mould } from './certificate-mould.ts';
import {
  type CertificateProfile,
  type CertificateTemplate,
  checkNames,
  checkProfile,
  checkTemplate,
  checkUnderIssuer,
  isEmptySubject,
} from './certificate-template.ts';
import { createCertificateSigner, type IssuedCertificate, type SigningKey } from './sign-certificate.ts';

/** What an authority issues with: its own certificate (PEM or DER), its key, and randomness. */
export interface Authority extends SigningKey {
  readonly certificate: string | Uint8Array;
  /** Certificates of the authorities above, whose name constraints bind this one as well; one in DER, or any number in PEM. */
  readonly chain?: string | Uint8Array;
}

/** An authority that is ready to issue. */
export interface Issuer {
  /**
   * Signs one certificate.
   * @throws X509Error for a template that breaks a rule; its code says which
   */
  issue(template: CertificateTemplate): IssuedCertificate;
}

/**
 * An issuer for many certificates.
 * @throws X509Error `issuer_invalid` when the certificate is not an authority's, or belongs to another key
 */
export function createIssuer({ certificate, chain, ...key }: Authority): Issuer {
  const authority = readCertificate(certificate);
  requireAuthority(authority, key);
  const constraints = [authority, ...(chain === undefined ? [] : readCertificates(chain))].flatMap(
    (each) => each.nameConstraints ?? [],
  );
  const sign = createCertificateSigner(key);
  const mouldFor = createMoulds(key.signer, {
    issuer: authority.subject.der,
    extension: encodeDer(authorityKeyIdentifier(keyIdentifierOf(authority))),
  });
  return {
    issue: (template) => {
      checkTemplate(template);
      checkUnderIssuer(template, authority);
      checkNames(template, constraints);
      const spki =
        template.publicKey instanceof Uint8Array ? template.publicKey : encodeSpki(template.publicKey);
      return sign(mouldFor(template.profile), {
        subject: encodeName(template.subject),
        spki,
        notBefore: template.notBefore,
        notAfter: template.notAfter,
        subjectAltName: alternativeNames(template),
      });
    },
  };
}

/**
 * Issues one certificate; `createIssuer` is for many.
 * @throws X509Error as `createIssuer` and `Issuer.issue`
 */
export function issueCertificate(template: CertificateTemplate, authority: Authority): IssuedCertificate {
  return createIssuer(authority).issue(template);
}

/**
 * Issues a certificate that the subject's own key signs: a root, or a certificate for a test.
 * @throws X509Error for a template that breaks a rule; its code says which
 */
export function selfSignCertificate(
  template: Omit<CertificateTemplate, 'publicKey'>,
  key: SigningKey,
): IssuedCertificate {
  const spki = key.signer.publicKey;
  checkTemplate({ ...template, publicKey: spki });
  const subject = encodeName(template.subject);
  return createCertificateSigner(key)(createMoulds(key.signer, { issuer: subject })(template.profile), {
    subject,
    spki,
    notBefore: template.notBefore,
    notAfter: template.notAfter,
    subjectAltName: alternativeNames(template),
  });
}

function alternativeNames({
  subject,
  subjectAltNames = [],
}: Pick<CertificateTemplate, 'subject' | 'subjectAltNames'>): Der | undefined {
  if (subjectAltNames.length === 0) return undefined;
  return subjectAltName(subjectAltNames, { isCritical: isEmptySubject(subject) });
}

/** Profiles are few and used often: each object is checked, and its mould made, at its first use. */
function createMoulds(
  { algorithm }: Signer,
  { issuer, extension }: { readonly issuer: Uint8Array; readonly extension?: Uint8Array },
): (profile: CertificateProfile) => Mould {
  const signatureAlgorithm = encodeSignatureAlgorithm(algorithm);
  const moulds = new WeakMap<CertificateProfile, Mould>();
  return (profile) => {
    const known = moulds.get(profile);
    if (known !== undefined) return known;
    checkProfile(profile);
    const extensions = [encodeProfile(profile), ...(extension === undefined ? [] : [extension])];
    const mould = createMould(signatureAlgorithm, issuer, extensions);
    moulds.set(profile, mould);
    return mould;
  };
}

function encodeProfile(profile: CertificateProfile): Uint8Array {
  const extensions = [
    profile.basicConstraints && basicConstraints(profile.basicConstraints),
    profile.keyUsage && keyUsage(profile.keyUsage),
    profile.extendedKeyUsage && extendedKeyUsage(profile.extendedKeyUsage),
    profile.nameConstraints && nameConstraints(profile.nameConstraints),
    profile.authorityInfoAccess && authorityInfoAccess(profile.authorityInfoAccess),
    profile.cRLDistributionPoints && cRLDistributionPoints(profile.cRLDistributionPoints),
    profile.ocspNoCheck ? ocspNoCheck() : undefined,
  ];
  return Buffer.concat(extensions.flatMap((extension) => extension ?? []).map(encodeDer));
}

function requireAuthority(authority: ParsedCertificate, { signer }: SigningKey): void {
  if (!authority.isCa || authority.keyUsage?.includes('keyCertSign') === false) {
    throw new X509Error(
      'issuer_invalid',
      'the issuer may not sign certificates (RFC 5280 §4.2.1.3, §4.2.1.9)',
    );
  }
  if (authority.uninterpretedCritical.length > 0) {
    const oids = authority.uninterpretedCritical.join(', ');
    throw new X509Error(
      'issuer_invalid',
      `the issuer is bound by critical extensions that are not known here: ${oids}`,
    );
  }
  requireOwnKey(authority, signer);
}
