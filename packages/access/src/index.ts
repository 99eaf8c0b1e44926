// Decisions about access that the data plane and the control plane share. No code here does input or output:
// every result depends only on the arguments.
export type { Admission } from './admission/admission.ts';
export { createAdmission } from './admission/admission.ts';
export type { AdmissionRequest, AdmissionState } from './admission/admission-state.ts';
export type { AssertionSigner, AssertionSource } from './admission/assertion.ts';
export { ASSERTION_SECONDS, createAssertionSigner } from './admission/assertion.ts';
export type { Claim, ClaimBatch, ClaimOutcome, ClaimResults, Claims } from './admission/claims.ts';
export { uncertain } from './admission/claims.ts';
export type {
  Alarm,
  Fact,
  FactBatch,
  FactRecorder,
  FactResult,
  FactResults,
  SignedIn,
  SignedOut,
} from './admission/facts.ts';
export { createFactRecorder } from './admission/facts.ts';
export { recordedPath } from './admission/recorded-path.ts';
export type { Shares } from './admission/shares.ts';
export { createShares } from './admission/shares.ts';
export type { AnswerSigner, AnswerSigningSource, UnsignedAnswer } from './admission/signed-answer.ts';
export { SIGNATURE_FIELDS } from './admission/signed-answer.ts';
export type { Clock } from './clock.ts';
export { numericDate, systemClock } from './clock.ts';
export type { TokenKey, TokenTrust, TokenVerifier, VerifiedToken } from './credentials/access-token.ts';
export { createTokenVerifier, FIRST_PARTY_CLIENT, TOKEN_TYPE } from './credentials/access-token.ts';
export type { AddressSet } from './credentials/address-set.ts';
export { createAddressSet, isNetwork } from './credentials/address-set.ts';
export type { ApiKey } from './credentials/api-key.ts';
export { formatApiKey, generateApiKey, hashSecret, packHash, parseApiKey } from './credentials/api-key.ts';
export { generateAppPassword } from './credentials/app-password.ts';
export { base32 } from './credentials/base32.ts';
export type {
  ClientCertificate,
  PeerCertificate,
  PresentedCertificate,
} from './credentials/client-certificate.ts';
export {
  certificateFailureInWords,
  NOT_FOR_CLIENTS,
  ownerNamed,
  presentedBy,
  readClientCertificate,
} from './credentials/client-certificate.ts';
export { cookieValue, isOwnCookie, withoutOwnCookies } from './credentials/cookie.ts';
export { DIGEST_ALGORITHMS, digestSecret } from './credentials/digest-credentials.ts';
export { isTrustDomain, spiffeIdOf } from './credentials/spiffe-id.ts';
export type { ErrorCode } from './errors/errors.ts';
export { GatehouseError, isDiskFull } from './errors/errors.ts';
export type { Problem } from './errors/problem.ts';
export { PROBLEM_MEDIA_TYPE, problemFrom } from './errors/problem.ts';
export type { EventLevel } from './log/log-event.ts';
export type { EventLog, LogEvent, LogFacts } from './log/log-events.ts';
export { LOG_EVENTS } from './log/log-events.ts';
export type { AllowRule } from './policy/allow-rule.ts';
export { policiesOfRule } from './policy/allow-rule.ts';
export { compilePolicies } from './policy/compiled-policies.ts';
export { defaultPolicies } from './policy/default-policies.ts';
export type { CreateEntities, GatewayPolicy, PolicySource } from './policy/gateway-policy.ts';
export { compileGatewayPolicy, createEvaluations } from './policy/gateway-policy.ts';
export type {
  AccessContext,
  AccessRequest,
  Attributes,
  ConnectionSecurity,
  Decision,
  Policy,
  PolicyError,
  Resource,
} from './policy/policy.ts';
export type { RoleInclusions } from './policy/principal-entities.ts';
export { BUILT_IN_ATTRIBUTES } from './policy/principal-entities.ts';
export { actionGroups, SAFE_METHODS } from './policy/route-entities.ts';
export type { SectionPolicy } from './policy/section-policy.ts';
export { policyOfRequirement } from './policy/strength-policy.ts';
export type { Attributes as PrincipalAttributes, AttributeValue } from './principals/attributes.ts';
export type { AuthenticationClass } from './principals/authentication-strength.ts';
export {
  authenticationClass,
  isKnownAge,
  requireStrength,
  stepUpChallenge,
} from './principals/authentication-strength.ts';
export type { AuthenticationMethod, Owner, Principal } from './principals/principal.ts';
export { AUTHENTICATION_METHODS, DEFAULT_METHODS, localOperator } from './principals/principal.ts';
export type {
  ClientFacts,
  DigestFacts,
  EndedSignIn,
  KeyFacts,
  Principals,
  ServiceFacts,
  SessionFacts,
  UserFacts,
} from './principals/principals.ts';
export type { StepUpRequirement } from './principals/step-up-requirement.ts';
export type { CorsField, CorsRequest, CorsRule } from './routes/cors.ts';
export { answerFields, CORS_ANSWER_FIELDS, preflightFields, preflightMethod } from './routes/cors.ts';
export { clientPath, forwardedPath } from './routes/forwarded-path.ts';
export { parameterFields, parameterNames } from './routes/path-parameters.ts';
export type { ProtectedResource } from './routes/protected-resource.ts';
export { protectedResource, withResource } from './routes/protected-resource.ts';
export type { RequestTarget } from './routes/request-target.ts';
export { parseRequestTarget } from './routes/request-target.ts';
export type { ChannelRule, GatewayRoute, RouteTable } from './routes/route-table.ts';
export { compilePattern, createRouteTable, hides, ORDINARY_METHODS } from './routes/route-table.ts';
export type { ChannelSource } from './sections/channel-source.ts';
export type { RunningSettings } from './sections/running-settings.ts';
export type { Sealing, SealingKey } from './sections/sealing.ts';
export type { SectionChange, SectionPage } from './sections/section-change.ts';
export type { SectionCopies } from './sections/section-copies.ts';
export { createSectionCopies } from './sections/section-copies.ts';
export type { GatewaySections, SectionName, Trust } from './sections/sections.ts';
export {
  challengeIdentities,
  listenerIdentity,
  namedIdentities,
  runningSettings,
  SECTION_NAMES,
  tokenTrust,
} from './sections/sections.ts';
export type { ChallengeIdentity, NamedIdentity, ServerIdentity } from './sections/server-identity.ts';
export type { Snapshot } from './sections/snapshot.ts';
export { compileSnapshot } from './sections/snapshot.ts';
export type { UpstreamTls } from './sections/upstream-tls.ts';
export { servedHosts, signInHosts } from './sign-in/hosts.ts';
export { localPath } from './sign-in/local-path.ts';
export type { ClaimedCredential } from './ways-in/claimed-credential.ts';
export { claimedCredential } from './ways-in/claimed-credential.ts';
export type { DigestTrust } from './ways-in/digest.ts';
export type { DpopTrust } from './ways-in/dpop.ts';
export type { ClientTrust, MtlsWay } from './ways-in/mtls.ts';
export { mtlsWay } from './ways-in/mtls.ts';
export { GATEWAY_COOKIE, sessionIdOf } from './ways-in/session.ts';
export type { SignatureTrust } from './ways-in/signature.ts';
export { SIGNED_COMPONENTS } from './ways-in/signature.ts';
export type { BrowserRequest, Presented } from './ways-in/way-in.ts';
export type { WaysIn, WaysInDeps } from './ways-in/ways-in.ts';
export { createWaysIn, IN_HEADER_FIELDS } from './ways-in/ways-in.ts';
