// @gatehouse/x509: certificates and keys, from bytes and back (RFC 5280).

export { DerError, X509Error, type X509ErrorCode } from './errors.ts';
export type { AuthorityInfoAccess, BasicConstraints, KeyPurpose, KeyUsage } from './extensions.ts';
export { type AcmeIdentifier, readAcmeIdentifier } from './issue/acme-identifier.ts';
export {
  type Authority,
  createIssuer,
  type Issuer,
  issueCertificate,
  selfSignCertificate,
} from './issue/certificate.ts';
export type { CertificateProfile, CertificateTemplate } from './issue/certificate-template.ts';
export {
  encodeRevokedEntry,
  type Revocation,
  type RevocationListTemplate,
  type SignedRevocationList,
  signRevocationList,
} from './issue/crl.ts';
export {
  clientProfile,
  intermediateProfile,
  ocspResponderProfile,
  type Publication,
  rootProfile,
  serverClientProfile,
  serverProfile,
} from './issue/profiles.ts';
export {
  createRequest,
  type EncodedRequest,
  type ParsedRequest,
  type RequestTemplate,
  readRequest,
  verifyRequest,
} from './issue/request.ts';
export type { IssuedCertificate, SigningKey } from './issue/sign-certificate.ts';
export { encodePkcs12, type Pkcs12Content } from './keys/encode-pkcs12.ts';
export type { PassphraseSource } from './keys/passphrase.ts';
export {
  decodePrivateKey,
  encodePrivateKey,
  encryptPrivateKey,
  generatePrivateKey,
  PRIVATE_KEY_TYPES,
  type PrivateKeyType,
} from './keys/private-key.ts';
export { publicKeyType } from './keys/public-key.ts';
export { type Pkcs12, readPkcs12 } from './keys/read-pkcs12.ts';
export { readPrivateKey } from './keys/read-private-key.ts';
export { readPublicKey } from './keys/read-public-key.ts';
export { type SignatureAlgorithm, type Signer, signerFromKey } from './keys/signer.ts';
export { encodeSpki, keyIdentifier, type SpkiFingerprint, spkiFingerprint } from './keys/spki.ts';
export { type LintFinding, type LintOptions, lintCertificate } from './lint/lint.ts';
export {
  type DirectoryName,
  formatGeneralName,
  type GeneralName,
  generalNameText,
  type ParsedGeneralName,
  parseSubjectName,
  type UninterpretedName,
} from './names/general-name.ts';
export { directorySubtree, type GeneralSubtree, parseGeneralSubtree } from './names/general-subtree.ts';
export { type DistinguishedName, type NameAttribute, type Subject, subjectFromName } from './names/name.ts';
export type { NameConstraints } from './names/name-constraints.ts';
export { type CertId, type CertIdHash, type HashedIssuer, hashIssuer } from './ocsp/cert-id.ts';
export {
  type BasicOcspResponse,
  type OcspAnswer,
  type OcspResponse,
  type ResponderId,
  readOcspResponse,
} from './ocsp/parse-response.ts';
export { createOcspRequest, type OcspQuestion, type OcspRequest, readOcspRequest } from './ocsp/request.ts';
export {
  createOcspResponder,
  encodeOcspError,
  type OcspAuthority,
  type OcspKnowledge,
  type OcspResponder,
} from './ocsp/responder.ts';
export type { OcspError, OcspResponseStatus, OcspStatus } from './ocsp/status.ts';
export { type OcspExpectation, verifyOcspResponse } from './ocsp/verify-response.ts';
export { extensionName, signatureAlgorithmName } from './oid-names.ts';
export { type ParsedCertificate, readCertificate, readCertificates } from './read/parse-certificate.ts';
export { type ParsedRevocationList, type RevokedCertificate, readRevocationList } from './read/parse-crl.ts';
export type { ParsedExtensions } from './read/parse-extensions.ts';
export { decodePem, decodePemBlock, encodePem, type PemBlock } from './read/pem.ts';
export { isDer } from './read/pem-or-der.ts';
export { REVOCATION_REASONS, type RevocationReason } from './revocation-reason.ts';
export {
  type CertificateInput,
  type Verification,
  type VerifiedCertificate,
  verifyCertificate,
} from './verify/verify-certificate.ts';
export { type SignedOctets, verifySignature } from './verify/verify-signature.ts';
