// The settings of the gateway as plain data: they are sent to worker threads when they start. Times are in
// seconds.
import type { ListenAddress } from '../platform/listener.ts';
import type { ClientAuthentication, TlsSettings } from '../platform/tls.ts';

export interface GatewayTimeouts {
  handshake: number;
  headers: number;
  body: number;
  idle: number;
  connect: number;
  firstByte: number;
  stall: number;
}

export interface GatewaySettings {
  listen: ListenAddress;
  timeouts: GatewayTimeouts;
  minBodyBytesPerSecond: number;
  maxHeaderBytes: number;
  maxHeaders: number;
  maxConnections: number;
  tls: TlsSettings;
  clientCertificates: ClientAuthentication;
  /** The absolute path of a file, `stdout` or `none`. */
  accessLog: string;
}
