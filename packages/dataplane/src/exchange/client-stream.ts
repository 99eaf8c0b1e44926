// One request of a client and the way back for its answer, for every version of HTTP. Octets are borrowed:
// the receiver may use them until its `flush` has returned.
import type { PresentedCertificate } from '@gatehouse/access';
import type { FieldBlock } from '../http1/field-block.ts';
import type { FieldList } from '../http1/messages.ts';
import type { TlsFacts } from '../transport/transport.ts';
import type { ClientMembers, RecordPart } from './record-part.ts';

export interface ClientRequest {
  readonly method: string;
  /** As sent. */
  readonly target: string;
  /** The path of the target, as sent, for the log; empty if it is no path. */
  readonly sentPath: string;
  /** The version of HTTP: `1.1`. */
  readonly version: string;
  readonly fields: FieldList;
  readonly host: string | undefined;
  /** 0 without a body; undefined if its length is not announced. */
  readonly contentLength: number | undefined;
  /** Asks for a WebSocket. After a 101, bodies are the octets of the tunnel. */
  readonly isWebSocket: boolean;
  readonly authorization: string | undefined;
  readonly apiKey: string | undefined;
  readonly dpop: string | undefined;
  /** The header field Cookie. */
  readonly cookies: string | undefined;
  /**
   * The fields that pass, after they were selected. A request that repeats the previous one is the same
   * object.
   */
  passed: PassedFields | undefined;
  /** Data of admission for repeated requests. Only admission reads it. */
  admission: object | undefined;
}

export interface PassedFields {
  readonly block: FieldBlock;
  /** The object that checked the credentials. */
  isOwnCredential(value: string): boolean;
}

export interface Client {
  readonly address: string;
  readonly tls: TlsFacts | undefined;
  /** The certificate that the client presented. */
  readonly presented: PresentedCertificate | undefined;
  /** The fields that describe the origin of its last request. */
  origin: ClientOrigin | undefined;
  /** The part of the access log line for it, after it was created. */
  record: RecordPart<ClientMembers> | undefined;
  /** Whether its requests are sealed, so that only the client and the gateway can read them. */
  readonly sealed?: boolean;
}

export interface ClientOrigin {
  readonly host: string;
  readonly httpVersion: string;
  readonly block: FieldBlock;
}

export interface ClientStream {
  readonly request: ClientRequest;
  readonly client: Client;
  /** Whether the whole request has arrived. */
  readonly isComplete: boolean;
  /** Starts the body, with the octets received so far. Sends 100 Continue if the client waits for it. */
  receive(): void;
  pause(): void;
  resume(): void;
  /** A 1xx answer. */
  inform(status: number, fields: FieldList): void;
  /** The head of the answer. */
  answer(head: AnswerHead): void;
  /** Part of the body. */
  write(octets: Uint8Array): void;
  /** The answer is complete. */
  finish(trailers: FieldList): void;
  /** Sends the written octets. Returns false if some of them wait; `drained` follows then. */
  flush(): boolean;
  /** The answer stays incomplete. The client must be able to detect that. */
  cut(): void;
  /** The last call: the answer was sent or truncated. */
  release(): void;
}

export interface AnswerHead {
  status: number;
  reason: string;
  /** These fields come first. */
  passed?: FieldBlock | undefined;
  fields: FieldList;
  /** `none`: no body follows, with any Content-Length. `known`: Content-Length has the length. */
  body: 'none' | 'known' | 'unknown';
  /** Whether the connection must end after this answer. */
  last: boolean;
}

/** Events of a stream for the exchange. */
export interface StreamEvents {
  requestBody(octets: Uint8Array): void;
  requestComplete(trailers: FieldList): void;
  /** The end of a group of calls: send their data now. */
  requestFlush(): void;
  /** The rest of the request cannot be read. */
  requestBroken(error: Error): void;
  /** The client can take more of the answer. */
  answerDrained(): void;
  /** The client closed the connection. No calls follow. */
  clientGone(): void;
}
