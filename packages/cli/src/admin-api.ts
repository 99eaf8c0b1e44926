// What the admin API answers, as the commands name it. The types come from the server's own schemas.
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
  Hierarchy as CertificateAuthorities,
  SignedIn,
  Status,
  User,
} from '@gatehouse/server';
