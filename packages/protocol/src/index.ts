// @gatehouse/protocol: the protocols that client and server share, in Node and in browsers. Other packages
// import only this file.
export { decodeBase64url, encodeBase64url } from './base64url.ts';
export type { Bytes, CryptoPrimitives, RandomBytes } from './crypto/primitives.ts';
export {
  createEncryptedEndpoint,
  type EncryptedEndpoint,
  type EncryptedEndpointOptions,
  type EncryptedFailure,
} from './encrypted-channel/endpoint.ts';
export type { EncryptedFailureReason } from './encrypted-channel/refusal.ts';
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
