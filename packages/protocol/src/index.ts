// @gatehouse/protocol: the protocols that client and server share, in Node and in browsers. Other packages
// import only this file.
export { decodeBase64url, encodeBase64url } from './base64url.ts';
export type { Bytes, CryptoPrimitives, RandomBytes } from './crypto/primitives.ts';
export { networkOf } from './encrypted-channel/address.ts';
export type { EncryptedAnswer } from './encrypted-channel/answer.ts';
export { createEncryptedEndpoint } from './encrypted-channel/endpoint.ts';
export type {
  EncryptedContext,
  EncryptedEndpoint,
  EncryptedEndpointOptions,
  EncryptedFailure,
  EncryptedReply,
  EncryptedRequest,
  OnMessage,
} from './encrypted-channel/endpoint-types.ts';
export {
  createEncryptedHandler,
  type IncomingRequest,
  type OutgoingResponse,
} from './encrypted-channel/node-handler.ts';
export { type OfferSigner, offerMessage, type SignedOffer } from './encrypted-channel/offer-signature.ts';
export { createOfferSecrets, type OfferSecret } from './encrypted-channel/offers.ts';
export type { EncryptedFailureReason } from './encrypted-channel/refusal.ts';
export {
  type Agreement,
  type AgreementOutcome,
  createEncryptedSessions,
  type EncryptedSessions,
  type SessionLimits,
  type TokenOutcome,
  type UsedToken,
} from './encrypted-channel/sessions.ts';
export { ProtocolError } from './errors.ts';
export {
  createFernet,
  type Fernet,
  type FernetDecryptOptions,
  FernetError,
  type FernetOptions,
  generateFernetKey,
} from './fernet.ts';
export { JsonBodyError, type JsonObject, readJsonObject } from './json-body.ts';
export { formatPythonJson, type PythonJson } from './python-json.ts';
export { decodeUtf8, Utf8Error } from './utf8.ts';
export {
  exportX25519PublicKey,
  generateX25519KeyPair,
  importX25519KeyPair,
  importX25519PublicKey,
  X25519Error,
  type X25519KeyPair,
} from './x25519.ts';
