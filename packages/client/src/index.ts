// @gatehouse/client: an HTTP client that checks certificates and sends credentials only where they belong.

// The client that is composed from middleware.
export { type CookieOptions, cookies } from './auth/cookies.ts';
export { digest } from './auth/digest.ts';
export type { Password } from './auth/digest-session.ts';
export { apiKey, type Binding, basic, bearer } from './auth/header-credentials.ts';
export type { OAuthClient } from './auth/oauth2/authorization-server.ts';
export type { ClientCredentials } from './auth/oauth2/client-credentials.ts';
export type { BrowserGrant, DeviceCode, DeviceGrant, SignInTools } from './auth/oauth2/grants.ts';
export type { LoopbackOptions } from './auth/oauth2/loopback.ts';
export { type TokenStore, type Tokens, tokenFile } from './auth/oauth2/tokens.ts';
export type {
  SignInOptions,
  StoredGrant,
  UserGrant,
  UserTokenOptions,
} from './auth/oauth2/user-tokens.ts';
export { oauth2, signIn, signOut } from './auth/oauth2.ts';
export { type CacheOptions, cache } from './cache/cache.ts';
export { type CachedAnswer, type CacheStore, memoryStore } from './cache/store.ts';
export {
  type Client,
  type ClientOptions,
  type ClientRequest,
  type ClientResponse,
  createClient,
} from './client.ts';
export { ClientError, type ClientErrorCode } from './errors.ts';
export * from './ftp/index.ts';
export * from './hash/index.ts';
export { client, type HttpClient } from './http/client.ts';
export type { HttpClientOptions, MethodOptions, RequestOptions } from './http/client-options.ts';
export type { Body, ContentOptions, Fields } from './http/content.ts';
export type { Downloaded, DownloadOptions } from './http/download.ts';
export {
  AbortedError,
  AuthError,
  ConnectError,
  DnsError,
  type Failure,
  HttpError,
  LimitError,
  type Phase,
  ProxyError,
  RequestError,
  SignatureError,
  TimeoutError,
  TlsError,
  type TlsReason,
} from './http/errors.ts';
export type { ServerSentEvent } from './http/event-stream.ts';
export type { Hop } from './http/hops.ts';
export type { Limits } from './http/limits.ts';
export type { HttpRequest, Middleware, Next, RequestContent, Stage } from './http/middleware.ts';
export type { Multipart, StreamPart } from './http/multipart.ts';
export type { PendingResponse } from './http/pending-response.ts';
export type { OnProgress, Progress } from './http/progress.ts';
export { type RetryOptions, retry } from './http/retry.ts';
export { redactHeaders, type TraceRecord, trace } from './http/trace.ts';
export type { HeaderFields, Identity } from './identity.ts';
export type { ClientIdentity, IdentitySource } from './network/client-identity.ts';
export type { ConnectionTimes } from './network/connection-log.ts';
export {
  type IdentityFiles,
  identityFromFiles,
  type RenewingOptions,
  renewingIdentity,
  type WatchedIdentity,
} from './network/identity-source.ts';
export { type ProxyOptions, proxy, proxyFromEnvironment } from './network/proxy.ts';
export type { ProxyAuthentication } from './network/proxy-credentials.ts';
export { renewAtGatehouse } from './network/renew-at-gatehouse.ts';
export { type TrustOptions, trust } from './network/trust.ts';
export { type SealOptions, type SealSigner, type SealTrust, seal } from './sealing/seal.ts';
export * from './signatures/index.ts';
export * from './sockets/index.ts';
export type { AllTimeouts, Timeouts } from './timeouts.ts';
export * from './xmlrpc/index.ts';
