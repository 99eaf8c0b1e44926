// @gatehouse/protocol: the protocols that client and server share, in Node and in browsers. Other packages
// import only this file.

export { decodeBase64url, encodeBase64url } from './base64url.ts';
export {
  type BinaryFields,
  BinaryHttpError,
  type BinaryRequestHead,
  type BinaryResponseHead,
} from './binary-http/message.ts';
export { paddedLength, padMessage } from './binary-http/padding.ts';
export {
  type BinaryEvents,
  type BinaryReader,
  type BinaryReadLimits,
  readBinaryRequest,
  readBinaryResponse,
} from './binary-http/reader.ts';
export {
  beginBinaryRequest,
  beginBinaryResponse,
  binaryContent,
  endBinaryMessage,
  writeBinaryRequest,
  writeBinaryResponse,
} from './binary-http/writer.ts';
export { CollectedBytes } from './collected-bytes.ts';
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
export type { FernetDecryptOptions } from './fernet/age.ts';
export {
  createFernetFrames,
  type FernetFrameFacts,
  type FernetFrames,
  isFernetFrames,
} from './fernet/frames.ts';
export { FernetError, generateFernetKey, parseFernetKeys } from './fernet/key.ts';
export { type FernetTokenFields, readFernetToken } from './fernet/token.ts';
export {
  createFernet,
  type Fernet,
  type FernetKeys,
  type FernetOptions,
} from './fernet.ts';
export { HpkeError, type HpkeKey, type HpkeSuite, KEM_X_WING, KEM_X25519 } from './hpke/suite.ts';
export { JsonBodyError, type JsonObject, readJsonObject } from './json-body.ts';
export { component } from './message-signatures/components.ts';
export {
  contentDigest,
  type DigestAlgorithm,
  readContentDigest,
  verifyContentDigest,
} from './message-signatures/content-digest.ts';
export { MessageSignatureError, type MessageSignatureErrorCode } from './message-signatures/errors.ts';
export {
  importSigningKey,
  importVerifyingKey,
  type JsonKey,
  type MessageSigner,
  type MessageVerifier,
  type SignatureAlgorithm,
  sharedSecret,
} from './message-signatures/keys.ts';
export {
  type FieldLines,
  fieldText,
  type RequestMessage,
  type ResponseMessage,
  type SignedMessage,
} from './message-signatures/message.ts';
export {
  type SignatureFields,
  type SignatureParameters,
  type SignOptions,
  signMessage,
} from './message-signatures/sign.ts';
export { signatureBase } from './message-signatures/signature-base.ts';
export {
  type MessageSignature,
  readSignatures,
  type VerificationPolicy,
  verifySignature,
} from './message-signatures/verify.ts';
export * from './ohttp/index.ts';
export { formatPythonJson, type PythonJson } from './python-json.ts';
export { readDictionary, readItem, readList } from './structured-fields/read.ts';
export {
  type BareItem,
  type Dictionary,
  type InnerList,
  type Item,
  isInnerList,
  type Member,
  StructuredFieldError,
} from './structured-fields/values.ts';
export { writeDictionary, writeList } from './structured-fields/write.ts';
export { decodeUtf8, Utf8Error } from './utf8.ts';
export {
  exportX25519PublicKey,
  generateX25519KeyPair,
  importX25519KeyPair,
  importX25519PublicKey,
  X25519Error,
  type X25519KeyPair,
} from './x25519.ts';
