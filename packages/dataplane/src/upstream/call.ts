// The interface between an exchange and an upstream: one request and its answer, in any version of HTTP.
import type { FieldBlock } from '../http1/field-block.ts';
import type { FieldList } from '../http1/messages.ts';
import type { Target } from '../transport/transport.ts';
import type { RequestTemplate } from './request-template.ts';

/** An upstream. Upstreams with the same key share their connections. */
export interface Upstream {
  /** Different if anything differs: address, TLS, trust, client certificate. */
  key: string;
  /** The configured name: `http://127.0.0.1:3000`, or `unix:/run/notes.sock`. */
  name: string;
  /** In the form for Location: `http://127.0.0.1:3000`. */
  origin: string;
  /** The value of Host. */
  host: string;
  target: Target;
}

export interface UpstreamRequest {
  /** The value of X-Request-Id. */
  id: string;
  template: RequestTemplate;
}

/** The events of a request. After `answerFailed`, no other events follow. */
export interface UpstreamEvents {
  /** 1xx other than 100 and 101. */
  answerInformation(status: number, fields: FieldList): void;
  /** After a 101, bodies are the octets of the tunnel. */
  answerHead(head: UpstreamAnswer): void;
  /** Borrowed until `answerFlush` has returned. */
  answerBody(octets: Uint8Array): void;
  answerComplete(trailers: FieldList): void;
  /** The end of a group of calls: send their data now. */
  answerFlush(): void;
  answerFailed(error: Error): void;
  /** The upstream takes more of the request's body. */
  requestDrained(): void;
}

export interface UpstreamAnswer {
  status: number;
  reason: string;
  fields: FieldList;
  body: 'none' | 'known' | 'unknown';
  /**
   * The fields that pass, after they were selected. An answer that repeats the previous one is the same
   * object.
   */
  passed: FieldBlock | undefined;
}

export interface Call {
  /** Part of the body, borrowed until `flush` has returned. */
  write(octets: Uint8Array): void;
  finish(trailers: FieldList): void;
  /** Returns false if octets wait; `requestDrained` follows then. */
  flush(): boolean;
  /** Stops the answer's body. */
  pause(): void;
  resume(): void;
  /** Ends the call. No events follow. */
  abort(): void;
}
