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
export type { Bytes, CryptoPrimitives, RandomBytes } from './crypto/primitives.ts';
export {
  createEncryptedEndpoint,
  type EncryptedEndpoint,
  type EncryptedEndpointOptions,
  type EncryptedFailure,
} from './encrypted-channel/endpoint.ts';
export type { EncryptedFailureReason } from './encrypted-channel/refusal.ts';
export { ProtocolError } from './errors.ts';
export {
  createFernet,
  type Fernet,
  type FernetDecryptOptions,
  FernetError,
  type FernetOptions,
  generateFernetKey,
} from './fernet.ts';
export { HpkeError, type HpkeKey, type HpkeSuite, KEM_X_WING, KEM_X25519 } from './hpke/suite.ts';
export { JsonBodyError, type JsonObject, readJsonObject } from './json-body.ts';
export * from './ohttp/index.ts';
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
