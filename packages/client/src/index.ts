// @gatehouse/client: an HTTP client that checks certificates and sends credentials only where they belong.
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
export type { HeaderFields, Identity } from './identity.ts';
export * from './sockets/index.ts';
export type { Timeouts } from './timeouts.ts';
export * from './xmlrpc/index.ts';
