// TLS sockets: what the entry `@gatehouse/client/sockets` offers, which loads no HTTP client.
export { type ConnectTlsOptions, connectTls } from './connect.ts';
export type { TlsCredentials } from './credentials.ts';
export { type ListenTlsOptions, listenTls, type TlsListener } from './listen.ts';
