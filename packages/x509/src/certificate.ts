// Issuing certificates (RFC 5280 §4). What an issuer's certificates share is encoded once; the rest for each of them.
// Refuses issuers that are no authority or hold another key, and templates that break the rules of `certificate-template.ts`.
import {
  type CertificateProfile,
  type CertificateTemplate,
  checkProfile,
  checkTemplate,
  checkUnderIssuer,
  isEmptySubject,
} from './certificate-template.ts';
import { encodeDer } from './der/write.ts';
import { X509Error } from './errors.ts';
import {
  authorityInfoAccess,
  authorityKeyIdentifier,
  basicConstraints,
  cRLDistributionPoints,
  extendedKeyUsage,
  keyUsage,
  subjectAltName,
  subjectKeyIdentifier,
} from './extensions.ts';
import { encodeName } from './name.ts';
import { type ParsedCertificate, readCertificate } from './parse-certificate.ts';
import { createBodySigner, type IssuedCertificate, type SigningKey } from './sign-certificate.ts';
import { encodeSpki, keyIdentifier } from './spki.ts';

/** What an authority issues with: its own certificate (PEM or DER), its key, and randomness. */
export interface Authority extends SigningKey {
  readonly certificate: string | Uint8Array;
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
export function createIssuer({ certificate, ...key }: Authority): Issuer {
  const authority = readCertificate(certificate);
  requireAuthority(authority, key);
  const signBody = createBodySigner(key);
  const profileExtensions = createProfileEncoder();
  const issuerExtension = encodeDer(authorityKeyIdentifier(keyIdentifierOf(authority)));
  return {
    issue: (template) => {
      checkTemplate(template);
      checkUnderIssuer(template, authority);
      const spki =
        template.publicKey instanceof Uint8Array ? template.publicKey : encodeSpki(template.publicKey);
      return signBody({
        issuer: authority.subject.der,
        subject: encodeName(template.subject),
        spki,
        notBefore: template.notBefore,
        notAfter: template.notAfter,
        extensions: [profileExtensions(template.profile), issuerExtension, ...ownExtensions(template, spki)],
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
  const name = encodeName(template.subject);
  return createBodySigner(key)({
    issuer: name,
    subject: name,
    spki,
    notBefore: template.notBefore,
    notAfter: template.notAfter,
    extensions: [createProfileEncoder()(template.profile), ...ownExtensions(template, spki)],
  });
}

/** Extensions of one certificate alone. */
function ownExtensions(
  { subject, subjectAltNames = [] }: Pick<CertificateTemplate, 'subject' | 'subjectAltNames'>,
  spki: Uint8Array,
) {
  const keyId = subjectKeyIdentifier(keyIdentifier(spki));
  if (subjectAltNames.length === 0) return [keyId];
  return [keyId, subjectAltName(subjectAltNames, { isCritical: isEmptySubject(subject) })];
}

/** Profiles are few and used often: each object is checked and encoded at its first use. */
function createProfileEncoder(): (profile: CertificateProfile) => Uint8Array {
  const encoded = new WeakMap<CertificateProfile, Uint8Array>();
  return (profile) => {
    const known = encoded.get(profile);
    if (known !== undefined) return known;
    checkProfile(profile);
    const extensions = encodeProfile(profile);
    encoded.set(profile, extensions);
    return extensions;
  };
}

function encodeProfile(profile: CertificateProfile): Uint8Array {
  const extensions = [
    profile.basicConstraints && basicConstraints(profile.basicConstraints),
    profile.keyUsage && keyUsage(profile.keyUsage),
    profile.extendedKeyUsage && extendedKeyUsage(profile.extendedKeyUsage),
    profile.authorityInfoAccess && authorityInfoAccess(profile.authorityInfoAccess),
    profile.cRLDistributionPoints && cRLDistributionPoints(profile.cRLDistributionPoints),
  ];
  return Buffer.concat(extensions.flatMap((extension) => extension ?? []).map(encodeDer));
}

function keyIdentifierOf({ subjectKeyIdentifier: hex, spki }: ParsedCertificate): Uint8Array {
  return hex === undefined ? keyIdentifier(spki) : Buffer.from(hex, 'hex');
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
  if (Buffer.compare(authority.spki, signer.publicKey) !== 0) {
    throw new X509Error('issuer_invalid', "the key is not the one in the issuer's certificate");
  }
}
