// @gatehouse/client in a browser. Functions that cannot work there exist too, and throw `Unsupported`.
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
  SignatureError,
  TimeoutError,
  TlsError,
  type TlsReason,
} from '../http/errors.ts';
export type { ServerSentEvent } from '../http/event-stream.ts';
export type { HttpRequest, Middleware, Next, Stage } from '../http/middleware.ts';
export { type RetryOptions, retry } from '../http/retry.ts';
export { redactHeaders, type TraceRecord, trace } from '../http/trace.ts';
export { type AnswerKeys, givenKeys, keysOfSet } from '../signatures/answer-keys.ts';
export { requestedNonce } from '../signatures/requested-nonce.ts';
export {
  messageOf,
  type RequestSignature,
  type RequestToSign,
  signRequest,
} from '../signatures/sign-request.ts';
export { type AnswerPolicy, type AnswerToVerify, verifyAnswer } from '../signatures/verify-answer.ts';
export { ANSWER_KEYS_PATH, type VerifySignatureOptions } from '../signatures/verifying.ts';
export {
  type XmlRpcIntrospection,
  type XmlRpcRemote,
  type XmlRpcTarget,
  type XmlRpcTransport,
  xmlrpc,
  xmlrpcCall,
} from '../xmlrpc/client.ts';
export { XmlRpcError, XmlRpcFault } from '../xmlrpc/errors.ts';
export { type Double, type XmlRpcValue, xmlrpcDouble } from '../xmlrpc/write-value.ts';
export type { XmlRpcLimits } from '../xmlrpc/xml.ts';
export {
  type BrowserClient,
  type BrowserClientOptions,
  type BrowserRequestOptions,
  client,
} from './client.ts';
export type { BrowserContentOptions } from './content.ts';
export { type BrowserHashInput, hasHash, hasHmac, hash, hmac } from './hash.ts';
export type { BrowserPendingResponse } from './pending-response.ts';
export { type BrowserSealOptions, seal } from './seal.ts';
export {
  type BrowserSigningKey,
  type BrowserSignOptions,
  sign,
  signerOf,
  verifySignature,
} from './signatures.ts';
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
export const xmlrpcServer = unsupported('xmlrpcServer');
