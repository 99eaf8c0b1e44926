// @gatehouse/client in a browser. What a browser cannot do is there by name, and throws `Unsupported`.
import { clientCredentials } from '../auth/oauth2/client-credentials.ts';
import { unsupported, unsupportedMember } from './unsupported.ts';

export { apiKey, type Binding, basic, bearer } from '../auth/header-credentials.ts';
export type { ClientCredentials } from '../auth/oauth2/client-credentials.ts';
export { ClientError, type ClientErrorCode } from '../errors.ts';
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
  TimeoutError,
  TlsError,
  type TlsReason,
} from '../http/errors.ts';
export type { ServerSentEvent } from '../http/event-stream.ts';
export type { HttpRequest, Middleware, Next, Stage } from '../http/middleware.ts';
export { type RetryOptions, retry } from '../http/retry.ts';
export { redactHeaders, type TraceRecord, trace } from '../http/trace.ts';
export {
  type BrowserClient,
  type BrowserClientOptions,
  type BrowserRequestOptions,
  client,
} from './client.ts';
export type { BrowserContentOptions } from './content.ts';
export { type BrowserHashInput, hasHash, hasHmac, hash, hmac } from './hash.ts';
export type { BrowserPendingResponse } from './pending-response.ts';
export { Unsupported } from './unsupported.ts';

/** Ways to get tokens of OAuth 2.0. */
export const oauth2 = {
  clientCredentials,
  authorizationCode: unsupportedMember('oauth2.authorizationCode', 'a page signs people in by a redirect'),
  device: unsupportedMember('oauth2.device', 'a page signs people in by a redirect'),
};

export const cache = unsupported('cache');
export const connectTls = unsupported('connectTls');
export const cookies = unsupported('cookies');
export const createClient = unsupported('createClient');
export const digest = unsupported('digest');
export const ftp = unsupported('ftp');
export const identityFromFiles = unsupported('identityFromFiles');
export const listenTls = unsupported('listenTls');
export const memoryStore = unsupported('memoryStore');
export const proxy = unsupported('proxy');
export const proxyFromEnvironment = unsupported('proxyFromEnvironment');
export const renewAtGatehouse = unsupported('renewAtGatehouse');
export const renewingIdentity = unsupported('renewingIdentity');
export const signIn = unsupported('signIn');
export const signOut = unsupported('signOut');
export const tokenFile = unsupported('tokenFile');
export const trust = unsupported('trust');
export const givenKeys = unsupported('givenKeys');
export const keysOfSet = unsupported('keysOfSet');
export const messageOf = unsupported('messageOf');
export const seal = unsupported('seal');
export const sign = unsupported('sign');
export const signRequest = unsupported('signRequest');
export const signerOf = unsupported('signerOf');
export const verifyAnswer = unsupported('verifyAnswer');
export const verifySignature = unsupported('verifySignature');
export const xmlrpc = unsupported('xmlrpc');
export const xmlrpcCall = unsupported('xmlrpcCall');
export const xmlrpcServer = unsupported('xmlrpcServer');
