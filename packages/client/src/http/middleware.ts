// The request, and the middleware around the network. Middleware runs in the order of `stages`, not in the
// order in which it was added.
import type { Readable } from 'node:stream';
import type { NetworkChange } from '../network/network-change.ts';
import type { Hop } from './hops.ts';
import type { Limits } from './limits.ts';
import type { OnProgress } from './progress.ts';

/**
 * The outermost first. Authentication, cookies and signatures run again for each redirect. A signature covers
 * the header as sent, so it comes last.
 */
export const stages = [
  'trace',
  'call',
  'cache',
  'retry',
  'redirect',
  'authentication',
  'cookies',
  'signing',
  'verifying',
  'sealing',
] as const;

/** The stage of a middleware. `call`: once for each call, before retries and redirects. */
export type Stage = (typeof stages)[number];

/** The content of a request. A function opens it again for each try. */
export type RequestContent = string | Uint8Array | (() => Readable) | null;

/** A request in progress. Middleware passes a changed copy to `next`. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly content: RequestContent;
  /** Whether the content can be sent again. */
  readonly replayable: boolean;
  readonly signal: AbortSignal;
  readonly redirect: 'follow' | 'manual' | 'error';
  /** The URL that the caller asked for. It differs from `url` after a redirect. */
  readonly first: URL;
  /** Names of header fields, in lower case, that only the first origin may get. */
  readonly secrets: readonly string[];
  /** 1, and one more for each repetition. */
  readonly attempt: number;
  /** Milliseconds, on the clock of the client. */
  readonly startedAt: number;
  /** Counts the octets of the content in both directions. */
  readonly onProgress?: OnProgress | undefined;
  /** Records what the network does for this call. Absent if no one asks for it. */
  readonly hops?: Hop[] | undefined;
  /** The same object for all clients that have the same credentials. */
  readonly identity?: object;
  /** How an answer is read. */
  readonly reading?: { limits: Required<Limits>; decompress: boolean };
}

/** Sends the request on, to the next middleware or to the network. */
export type Next = (request: HttpRequest) => Promise<Response>;

/** A step around the network. Its stage is `call` by default. */
export interface Middleware {
  (request: HttpRequest, next: Next): Promise<Response>;
  /** Its stage. Default: `call`. */
  readonly stage?: Stage;
  /** What it changes in the network. The client then has separate connections. */
  readonly network?: NetworkChange;
  /** Other URLs that it answers itself, such as `ftp:`. */
  readonly protocols?: readonly string[];
  /** Called when a client that has it is closed. */
  close?(): void | Promise<void>;
}

/** Combines these into one function, in the order of their stages. */
export function compose(middleware: readonly Middleware[], network: Next): Next {
  return middleware
    .filter((step) => step.network === undefined)
    .toSorted((a, b) => stageOf(a) - stageOf(b))
    .reduceRight<Next>((next, step) => (request) => step(request, next), network);
}

function stageOf({ stage = 'call' }: Middleware): number {
  return stages.indexOf(stage);
}

/** A middleware that belongs to a stage. */
export function atStage(
  stage: Stage,
  step: (request: HttpRequest, next: Next) => Promise<Response>,
): Middleware {
  return Object.assign(step, { stage });
}

/** A middleware that only changes the network. */
export function forNetwork(network: NetworkChange): Middleware {
  return Object.assign((request: HttpRequest, next: Next) => next(request), { network });
}
