// Issues certificates (RFC 5280 §4). The fields that an issuer's certificates share are encoded once. Refuses
// issuers that are not authorities, keys of other issuers, and templates that break a rule of
// `certificate-template.ts`.

import { type Der, encodeDer } from '../der/write.ts';
import { X509Error } from '../errors.ts';
import { encodeSignatureAlgorithm, type Signer } from '../keys/signer.ts';
import { encodeSpki } from '../keys/spki.ts';
import { encodeName } from '../names/name.ts';
import { type ParsedCertificate, readCertificate, readCertificates } from '../read/parse-certificate.ts';
import { keyIdentifierOf, requireOwnKey } from './authority.ts';
import {
  type CertificateProfile,
  type CertificateTemplate,
  checkNames,
  checkProfile,
  checkTemplate,
  checkUnderIssuer,
  isEmptySubject,
} from './certificate-template.ts';
import {
  acmeIdentifier,
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  cRLDistributionPoints,
  extendedKeyUsage,
  keyUsage,
  nameConstraints,
  ocspNoCheck,
  subjectAltName,
} from './extensions.ts';
import { createCertificateSigner, type IssuedCertificate, type SigningKey } from './sign-certificate.ts';
import { encodeSharedFields, type SharedFields } from './tbs-certificate.ts';

/** An authority: its certificate, its key, and a random generator. */
export interface Authority extends SigningKey {
  /** PEM or DER. */
  readonly certificate: string | Uint8Array;
  /** The authorities above: one certificate in DER, or several in PEM. Their name constraints also apply. */
  readonly chain?: string | Uint8Array;
}

/** Issues the certificates of one authority. */
export interface Issuer {
  /**
   * Signs one certificate.
   * @throws X509Error for a template that breaks a rule; the code names the rule
   */
  issue(template: CertificateTemplate): IssuedCertificate;
}

/**
 * Creates an issuer for many certificates.
 * @throws X509Error `issuer_invalid` if the certificate is not that of an authority, or if the signer has
 * another key
 * @example
 * const issuer = createIssuer({ certificate: caPem, signer: signerFromKey(caKey), randomBytes });
 * const { pem } = issuer.issue({ profile, subject: {}, subjectAltNames, publicKey, notBefore, notAfter });
 */
export function createIssuer({ certificate, chain, ...key }: Authority): Issuer {
  const authority = readCertificate(certificate);
  requireAuthority(authority, key);
  const constraints = [authority, ...(chain === undefined ? [] : readCertificates(chain))].flatMap(
    (each) => each.nameConstraints ?? [],
  );
  const sign = createCertificateSigner(key);
  const sharedBy = createSharedFields(key.signer, {
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
      return sign(sharedBy(template.profile), {
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
 * Issues one certificate. For many, use `createIssuer`.
 * @throws X509Error as `createIssuer` and `Issuer.issue`
 * @example
 * const signer = signerFromKey(caKey);
 * const { pem } = issueCertificate(template, { certificate: caPem, signer, randomBytes });
 */
export function issueCertificate(template: CertificateTemplate, authority: Authority): IssuedCertificate {
  return createIssuer(authority).issue(template);
}

/**
 * Issues a certificate that is signed with the subject's own key: a root, or a certificate for a test.
 * @throws X509Error for a template that breaks a rule; the code names the rule
 * @example
 * const template = { profile: rootProfile(), subject: { commonName: 'Root' }, notBefore, notAfter };
 * const root = selfSignCertificate(template, { signer: signerFromKey(key), randomBytes });
 */
export function selfSignCertificate(
  template: Omit<CertificateTemplate, 'publicKey'>,
  key: SigningKey,
): IssuedCertificate {
  const spki = key.signer.publicKey;
  checkTemplate({ ...template, publicKey: spki });
  const subject = encodeName(template.subject);
  const shared = createSharedFields(key.signer, { issuer: subject })(template.profile);
  return createCertificateSigner(key)(shared, {
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

/** There are few profiles, so each is checked and encoded once, when it is first used. */
function createSharedFields(
  { algorithm }: Signer,
  { issuer, extension }: { readonly issuer: Uint8Array; readonly extension?: Uint8Array },
): (profile: CertificateProfile) => SharedFields {
  const signatureAlgorithm = encodeSignatureAlgorithm(algorithm);
  const encoded = new WeakMap<CertificateProfile, SharedFields>();
  return (profile) => {
    const known = encoded.get(profile);
    if (known !== undefined) return known;
    checkProfile(profile);
    const extensions = [encodeProfile(profile), ...(extension === undefined ? [] : [extension])];
    const shared = encodeSharedFields(signatureAlgorithm, issuer, extensions);
    encoded.set(profile, shared);
    return shared;
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
    profile.acmeIdentifier && acmeIdentifier(profile.acmeIdentifier),
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
      `the issuer has unknown critical extensions, which may limit what it may issue: ${oids}`,
    );
  }
  requireOwnKey(authority, signer);
}
