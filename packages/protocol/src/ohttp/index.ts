// Oblivious HTTP: what clients and gateways need.
export { MAX_CHUNK } from './chunk-splitter.ts';
export {
  beginChunkedRequest,
  type ChunkedReader,
  type ChunkedRequest,
  type ChunkSealer,
  createChunkedReader,
  type OpenedChunkedRequest,
  openChunkedRequest,
} from './chunked.ts';
export { ObliviousError } from './errors.ts';
export { headLength, type ObliviousKey } from './exchange-keys.ts';
export { generateObliviousKey, importObliviousKey } from './gateway-keys.ts';
export {
  KEYS_MEDIA_TYPE,
  type KeyConfiguration,
  OFFERED_ALGORITHMS,
  readKeyConfigurations,
  usableConfigurations,
  writeKeyConfigurations,
} from './key-configuration.ts';
export {
  CHUNKED_REQUEST_MEDIA_TYPE,
  CHUNKED_RESPONSE_MEDIA_TYPE,
  REQUEST_MEDIA_TYPE,
  RESPONSE_MEDIA_TYPE,
} from './media-types.ts';
export {
  type ConfigurationFacts,
  type ConfigurationSigner,
  signConfiguration,
} from './sign-configuration.ts';
export {
  type ConfigurationAnswer,
  pinDigits,
  readSignedConfiguration,
  SEALED_REQUESTS_PATH,
  type SignedConfiguration,
} from './signed-configuration.ts';
export { openRequest, sealRequest } from './whole.ts';
export type { OpenedRequest, SealedRequest } from './whole-messages.ts';
