// @gatehouse/x509: certificates and keys, from bytes and back (RFC 5280). Each heading is a subject.

// Errors.

export { DerError, X509Error, type X509ErrorCode } from './errors.ts';

// Reading: PEM and DER, certificates and revocation lists.

export { type AcmeIdentifier, readAcmeIdentifier } from './read/acme-identifier.ts';
export { type ParsedCertificate, readCertificate, readCertificates } from './read/parse-certificate.ts';
export { type ParsedRevocationList, type RevokedCertificate, readRevocationList } from './read/parse-crl.ts';
export type { ParsedExtensions } from './read/parse-extensions.ts';
export { decodePem, decodePemBlock, encodePem, type PemBlock } from './read/pem.ts';
export { isDer } from './read/pem-or-der.ts';

// Issuing: requests, certificates, revocation lists, and a check of each certificate before it is signed.

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
export type { AuthorityInfoAccess, BasicConstraints } from './issue/extensions.ts';
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
export { type LintFinding, type LintOptions, lintCertificate } from './lint/lint.ts';
export { REVOCATION_REASONS, type RevocationReason } from './revocation-reason.ts';

// Verifying: certificates and signatures.

export { type CertificateFindings, type CertificateProblem, findProblems } from './verify/find-problems.ts';
export {
  type CertificateInput,
  type Verification,
  type VerifiedCertificate,
  verifyCertificate,
} from './verify/verify-certificate.ts';
export { type SignedOctets, verifySignature } from './verify/verify-signature.ts';

// OCSP: requests and answers.

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

// Keys: generating, reading and writing them, signing with them, and their fingerprints.

export type { PassphraseSource } from './keys/encryption/passphrase.ts';
export { encodePkcs12, type Pkcs12Content } from './keys/pkcs12/encode-pkcs12.ts';
export { type Pkcs12, readPkcs12 } from './keys/pkcs12/read-pkcs12.ts';
export {
  decodePrivateKey,
  encodePrivateKey,
  encryptPrivateKey,
  generatePrivateKey,
  PRIVATE_KEY_TYPES,
  type PrivateKeyType,
} from './keys/private-key.ts';
export { publicKeyType } from './keys/public-key.ts';
export { readPrivateKey } from './keys/read-private-key.ts';
export { readPublicKey } from './keys/read-public-key.ts';
export { type SignatureAlgorithm, type Signer, signerFromKey } from './keys/signer.ts';
export { encodeSpki, keyIdentifier, type SpkiFingerprint, spkiFingerprint } from './keys/spki.ts';

// Names: subjects, alternative names and constraints, usages of keys, and names of object identifiers for
// people.

export type { KeyPurpose, KeyUsage } from './key-usage.ts';
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
export { extensionName, signatureAlgorithmName } from './oid-names.ts';
