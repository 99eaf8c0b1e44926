// A server that is measured: it terminates TLS 1.3 on loopback and passes each request to the one upstream.
import type { RunningProgram } from './running-program.ts';
import type { TlsFiles } from './tls-files.ts';

export interface Contender {
  readonly name: string;
  /** How to get it where it is missing. */
  readonly install: string;
  /** Undefined when it is not installed. */
  version(): string | undefined;
  /** Resolves when the program runs; whether it serves is for the caller to see. */
  start(site: Site): Promise<Started>;
}

/** Where a contender finds what it needs, and what it must use. */
export interface Site {
  /** Empty, and its own. */
  folder: string;
  port: number;
  upstreamPort: number;
  tls: TlsFiles;
  /** Worker threads or processes. */
  workers: number;
  signal: AbortSignal;
  /** Ends the program when the benchmark ends. */
  stack: AsyncDisposableStack;
}

export interface Started {
  program: RunningProgram;
  /** The root, PEM, that its certificate leads to. */
  root: string;
  /** What a request must carry to be served. */
  headers: Readonly<Record<string, string>>;
}
