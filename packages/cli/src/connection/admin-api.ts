// The answers of the admin API under the names that the commands use. The types come from the server's schemas.
export type {
  AcmeAccountEntry as AcmeAccount,
  ApiKey as Key,
  AuditEntry,
  AuditVerification,
  Authority as CertificateAuthority,
  Certificate,
  CertificateEntry as CertificateFacts,
  CreatedApiKey as CreatedKey,
  CreatedExternalAccountKey as CreatedEabKey,
  ExternalAccountKey as EabKey,
  Handshake,
  Hierarchy as CertificateAuthorities,
  SignedIn,
  SigningKey,
  Status,
  User,
} from '@gatehouse/server';
