// The options of callers: for a client, and for each request.
import type { AllTimeouts } from '../timeouts.ts';
import type { ContentOptions, Fields } from './content.ts';
import type { Limits } from './limits.ts';
import type { OnProgress } from './progress.ts';

/** How a client behaves. Everything has a default. */
export interface HttpClientOptions {
  /** URLs are resolved against it. */
  baseUrl?: string | URL;
  /** For every request that does not set them itself. */
  headers?: HeadersInit;
  /** How long it waits. */
  timeouts?: AllTimeouts;
  /** How much it accepts. */
  limits?: Limits;
  /** Ask for compressed answers, and decompress them. Default: true. */
  decompress?: boolean;
  /** Offer HTTP/2 to servers with TLS. Default: false. */
  http2?: boolean;
  /** Refuse all addresses that are not public, at every hop. Default: false. */
  publicOnly?: boolean;
  /** More header fields that no other origin may get, such as `x-session`. */
  secretHeaders?: readonly string[];
  /** Send credentials over plain HTTP also to other machines. Default: false. */
  plaintextCredentials?: boolean;
  /** Follow redirects from https: to plain HTTP, with the content. Default: only to this machine. */
  plaintextRedirects?: boolean;
}

/** A request without its URL. */
export interface RequestOptions extends ContentOptions {
  /** Default: GET. */
  method?: string;
  /** They override those of the client. */
  headers?: HeadersInit;
  /** Added to the query of the URL. */
  query?: Fields;
  /** Ends the request, also while its content arrives. */
  signal?: AbortSignal | null;
  /** Called while the content is sent, and while the content of the answer arrives. */
  onProgress?: OnProgress | undefined;
  /** Default: follow. */
  redirect?: 'follow' | 'manual' | 'error';
}

/** A request with its method. */
export type MethodOptions = Omit<RequestOptions, 'method'>;
