// What a data plane process can change while it serves, as the section `settings` carries it. Times are in
// seconds. What only a new process can take is in the start message.

/** The settings that a running process takes over without losing a connection. */
export interface RunningSettings {
  logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  timeouts: {
    headers: number;
    body: number;
    idle: number;
    connect: number;
    firstByte: number;
    stall: number;
  };
  minBodyBytesPerSecond: number;
  maxHeaderBytes: number;
  maxHeaders: number;
  /** Of one process. */
  maxConnections: number;
  /** Whether handshakes ask for a client certificate. */
  clientCertificates: 'off' | 'request' | 'require';
}
