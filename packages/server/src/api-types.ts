// What the admin API answers, as types: each is inferred from the schema that the route and the OpenAPI document have.
export type {
  AcmeAccountEntry,
  AcmeOrderEntry,
  CreatedEabKeyView as CreatedExternalAccountKey,
  EabKeyView as ExternalAccountKey,
} from './acme/index.ts';
export type {
  AuthorityView as Authority,
  CertificateEntry,
  HierarchyView as Hierarchy,
  PresentedCertificate as Certificate,
} from './ca/index.ts';
export type { AuditEntry, AuditVerification } from './capabilities.ts';
export type {
  CreatedKeyView as CreatedApiKey,
  KeyView as ApiKey,
  ServiceView as Service,
  SignedIn,
  UserView as User,
} from './identity/index.ts';
export type { Status } from './status.ts';
