// The settings of a data plane process: plain data, as the start message carries it. Times are in seconds.

/** What every process of the data plane gets at its start. */
export interface DataPlaneSettings {
  listen: { host: string; port: number };
  /** Whether other processes share the port. */
  reusePort: boolean;
  /** Stands in for the Host of a request without one: only HTTP/1.0 allows that. */
  host: string;
  timeouts: {
    handshake: number;
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
  maxConnections: number;
  clientCertificates: 'off' | 'request' | 'require';
  tls: {
    minVersion: 'TLSv1.2' | 'TLSv1.3';
    maxVersion: 'TLSv1.2' | 'TLSv1.3';
    suites: readonly string[];
    groups: readonly string[];
    keyLog?: string | undefined;
  };
}
