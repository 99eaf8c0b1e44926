// Writes the secrets of TLS sessions to a file that Wireshark reads (NSS key log format, RFC 9850). Anyone
// who has this file can read all traffic.
import { closeSync, openSync, writeSync } from 'node:fs';

export interface KeyLog {
  /** One line, with its end. */
  write(line: Uint8Array): void;
  close(): void;
}

/**
 * Appends to the file at `path`, which only its owner may read. Throws Node's error if it cannot be opened.
 */
export function openKeyLog(path: string): KeyLog {
  const descriptor = openSync(path, 'a', 0o600);
  return {
    // Synchronous, so that the secrets are written before the traffic. Key logs are only for finding faults.
    write: (line) => void writeSync(descriptor, line),
    close: () => closeSync(descriptor),
  };
}
