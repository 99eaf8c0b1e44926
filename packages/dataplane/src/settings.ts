// The fixed settings of a data plane process: plain data for the start message. Settings that can change
// while it runs are in the section `settings`. Times are in seconds.

/** The settings that every data plane process gets at its start. */
export interface DataPlaneSettings {
  listen: { host: string; port: number };
  /** Whether other processes share the port. */
  reusePort: boolean;
  /** The host of a request without a Host field, which only HTTP/1.0 allows. */
  host: string;
  handshakeSeconds: number;
  tls: {
    minVersion: 'TLSv1.2' | 'TLSv1.3';
    maxVersion: 'TLSv1.2' | 'TLSv1.3';
    suites: readonly string[];
    groups: readonly string[];
    keyLog?: string | undefined;
  };
}
