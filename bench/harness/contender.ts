// A server that is measured. In the gateway's area it terminates TLS 1.3 on loopback and passes each request
// to the one upstream; the other areas say for themselves what a contender gets and what it answers.
import type { RunningProgram } from './running-program.ts';
import type { TlsFiles } from './tls-files.ts';

export interface Contender<Where = Site, What = Started> {
  readonly name: string;
  /** How to get it where it is missing. */
  readonly install: string;
  /** Undefined when it is not installed. */
  version(): string | undefined;
  /** Resolves when the program runs; whether it serves is for the caller to see. */
  start(site: Where): Promise<What>;
}

/** Where any contender finds what it needs. */
export interface OwnSite {
  /** Empty, and its own. */
  folder: string;
  port: number;
  tls: TlsFiles;
  signal: AbortSignal;
  /** Ends the program when the benchmark ends. */
  stack: AsyncDisposableStack;
}

/** What else a proxy must use. */
export interface Site extends OwnSite {
  upstreamPort: number;
  /** Worker threads or processes. */
  workers: number;
  /** As taskset names them; undefined: no limit. */
  cores: string | undefined;
  /** A line for each request, to a file. */
  accessLog: boolean;
}

export interface Started {
  program: RunningProgram;
  /** Programs that it needs for its work: their processor time counts as well. */
  companions?: readonly RunningProgram[];
  /** The root, PEM, that its certificate leads to. */
  root: string;
  /** What requests must carry to be served, in turn; undefined: nothing. */
  credentials?: Credentials | undefined;
}

/** Many values of one header field. */
export interface Credentials {
  field: string;
  values: readonly string[];
  /** Looks like one of them, and must be refused. */
  forged: string;
}
