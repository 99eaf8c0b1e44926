// @gatehouse/x509: certificates and keys, from bytes and back (RFC 5280).
export {
  type Authority,
  createIssuer,
  type Issuer,
  issueCertificate,
  selfSignCertificate,
} from './certificate.ts';
export type { CertificateProfile, CertificateTemplate } from './certificate-template.ts';
export { DerError, X509Error, type X509ErrorCode } from './errors.ts';
export type { AuthorityInfoAccess, BasicConstraints, KeyPurpose, KeyUsage } from './extensions.ts';
export { type GeneralName, parseSubjectName, type UninterpretedName } from './general-name.ts';
export type { DistinguishedName, NameAttribute, Subject } from './name.ts';
export { type ParsedCertificate, readCertificate } from './parse-certificate.ts';
export type { ParsedExtensions } from './parse-extensions.ts';
export { decodePem, decodePemBlock, encodePem, type PemBlock } from './pem.ts';
export {
  decodePrivateKey,
  encodePrivateKey,
  generatePrivateKey,
  type PrivateKeyType,
} from './private-key.ts';
export { intermediateProfile, type Publication, rootProfile, serverProfile } from './profiles.ts';
export type { IssuedCertificate, SigningKey } from './sign-certificate.ts';
export { type SignatureAlgorithm, type Signer, signerFromKey } from './signer.ts';
export { encodeSpki, keyIdentifier, type SpkiFingerprint, spkiFingerprint } from './spki.ts';
