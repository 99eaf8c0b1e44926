// The types of the admin API's answers, inferred from the schemas that the routes and the OpenAPI document
// use.
export type {
  AcmeAccountEntry,
  AcmeOrderEntry,
  CreatedEabKeyView as CreatedExternalAccountKey,
  EabKeyView as ExternalAccountKey,
} from './acme/index.ts';
export type {
  AppliedPoliciesView as AppliedPolicies,
  CheckedPoliciesView as CheckedPolicies,
  PoliciesView as Policies,
  PolicyExplanationView as PolicyExplanation,
  PolicyFindingView as PolicyFinding,
  PolicyVersionSummaryView as PolicyVersionSummary,
  PolicyVersionView as PolicyVersion,
  TestedPoliciesView as TestedPolicies,
} from './authz/index.ts';
export type {
  AuthorityView as Authority,
  CertificateEntry,
  HierarchyView as Hierarchy,
  IssuedCertificate,
  PresentedCertificate as Certificate,
} from './ca/index.ts';
export type { AuditEntry, AuditVerification } from './capabilities.ts';
export type { ChannelKey } from './channel/index.ts';
export type { Status } from './control-plane/status.ts';
export type {
  AddedKeyView as AddedPublicKey,
  ChangedGroupView as ChangedGroup,
  ChangedServiceView as ChangedService,
  ChangedUserView as ChangedUser,
  CreatedKeyView as CreatedApiKey,
  CreatedServiceView as CreatedService,
  DigestPasswordView as DigestPassword,
  EnrolledTotpView as EnrolledTotp,
  FactorRequiredView as FactorRequired,
  GroupView as Group,
  GroupWithMembersView as GroupWithMembers,
  KeyView as ApiKey,
  PasswordResetView as PasswordReset,
  RecoveryCodesView as RecoveryCodes,
  RotatedKeyView as RotatedApiKey,
  ServiceView as Service,
  ServiceWithKeysView as ServiceWithKeys,
  SessionView as Session,
  SignedIn,
  UserDetailsView as UserDetails,
  UserView as User,
} from './identity/index.ts';
export type {
  RotatedMasterKeyView as RotatedMasterKey,
  SigningKeyView as SigningKey,
} from './keyring/index.ts';
export type { Handshake } from './monitoring/index.ts';
export type {
  ClientView as OauthClient,
  CreatedClientView as CreatedOauthClient,
  RotatedSecretView as RotatedClientSecret,
} from './oauth/index.ts';
export type { Configuration, ConfigurationReload } from './settings/configuration-routes.ts';
