// A server that is measured. In the gateway's area it terminates TLS 1.3 on loopback and passes each request
// to the one upstream. The other areas define their own requests and answers.
import type { RunningProgram } from './running-program.ts';
import type { TlsFiles } from './tls-files.ts';

export interface Contender<Where = Site, What = Started> {
  readonly name: string;
  /** How to install it. */
  readonly install: string;
  /** Undefined if it is not installed. */
  version(): string | undefined;
  /** Resolves when the program runs. The caller must wait until it serves. */
  start(site: Where): Promise<What>;
}

/** The place and the dependencies of every contender. */
export interface OwnSite {
  /** A separate, empty folder. */
  folder: string;
  port: number;
  tls: TlsFiles;
  signal: AbortSignal;
  /** Ends the program when the benchmark ends. */
  stack: AsyncDisposableStack;
}

/** More settings for a proxy. */
export interface Site extends OwnSite {
  upstreamPort: number;
  /** Worker threads or processes. */
  workers: number;
  /** In the form of taskset; undefined: no limit. */
  cores: string | undefined;
  /** A line for each request, to a file. */
  accessLog: boolean;
}

export interface Started {
  program: RunningProgram;
  /** Programs that it needs for its work. Their processor time counts too. */
  companions?: readonly RunningProgram[];
  /** The root of its certificate, PEM. */
  root: string;
  /** The credentials that requests must have, in turn; undefined: none. */
  credentials?: Credentials | undefined;
}

/** Many values of one header field. */
export interface Credentials {
  field: string;
  values: readonly string[];
  /** Looks like one of them, and must be refused. */
  forged: string;
}
