// The settings that can change while a data plane process runs, in the form of the section `settings`. Times
// are in seconds. Settings that need a new process are in the start message.

/** The settings that a running process applies without losing a connection. */
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
