// The types of HTTP/1.1 messages (RFC 9112), for the readers, the writer and their callers.

/** Header fields as received, names and values in turn: `['Host', 'a', 'Accept', '*']`. */
export type FieldList = string[];

export interface RequestHead {
  method: string;
  /** As sent. */
  target: string;
  version: '1.0' | '1.1';
  fields: FieldList;
  /**
   * In lower case as sent, without a final dot of the name or an empty port; undefined in HTTP/1.0 without
   * Host.
   */
  host: string | undefined;
  body: BodyFraming;
  /** Whether the connection may serve another request after this one. */
  keepAlive: boolean;
  /** The client waits for 100 before it sends the body. */
  expectsContinue: boolean;
  /**
   * A valid request for a WebSocket (RFC 6455 §4.1). An invalid one is refused. Any other Upgrade is ignored.
   */
  isWebSocket: boolean;
  authorization: string | undefined;
  apiKey: string | undefined;
  /** All fields of that name, with commas between them. */
  dpop: string | undefined;
  cookies: string | undefined;
  /** Data that the caller derives from the head only: once for all repeated requests. */
  derived: object | undefined;
}

export interface ResponseHead {
  status: number;
  /** The phrase as sent. */
  reason: string;
  version: '1.0' | '1.1';
  fields: FieldList;
  /**
   * The body on the connection: a length of 0 in answers to HEAD, 1xx, 204 and 304, regardless of their
   * fields.
   */
  body: BodyFraming;
  keepAlive: boolean;
}

/** How the body is delimited (RFC 9112 §6): its length, `chunked`, or `close`: until the connection ends. */
export type BodyFraming = { kind: 'length'; length: number } | { kind: 'chunked' } | { kind: 'close' };

export interface MessageEvents<Head> {
  head(head: Head): void;
  /** Part of the body, without its framing. The octets are valid only during the call. */
  body(octets: Uint8Array): void;
  /** The message is complete. The fields are the trailers of a chunked body. */
  complete(trailers: FieldList): void;
}

/** Reads messages in order. */
export interface MessageReader {
  /**
   * Reads `octets`, which may begin and end anywhere in a message. Stops at the end of a message, and returns
   * the number of octets that it took. Throws `Http1Error`, and after that at every call.
   */
  read(octets: Uint8Array): number;
  /** The connection has ended. Throws `Http1Error` if that is too early. */
  end(): void;
  /** Whether octets of an incomplete message were read. */
  readonly isMidway: boolean;
}

export interface ReadLimits {
  /** Octets of the start line and all fields together; also of trailers. */
  maxHeadBytes: number;
  maxFields: number;
}
