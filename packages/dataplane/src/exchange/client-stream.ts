// One request of a client and the way back for its answer, as every version of HTTP offers them. Octets are
// borrowed: they are valid until `flush` on the receiving side has returned.
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
   * The fields that pass, once they were selected: a request that repeats the one before is the same object.
   */
  passed: PassedFields | undefined;
  /** What admission remembers for a request that repeats it. Nothing else reads that. */
  admission: object | undefined;
}

export interface PassedFields {
  readonly block: FieldBlock;
  /** What decided on credentials. */
  isOwnCredential(value: string): boolean;
}

export interface Client {
  readonly address: string;
  readonly tls: TlsFacts | undefined;
  /** The certificate that the client presented. */
  readonly presented: PresentedCertificate | undefined;
  /** The fields that say where its last request came from. */
  origin: ClientOrigin | undefined;
  /** What the access log says of it, once that was written. */
  record: RecordPart<ClientMembers> | undefined;
  /** Whether its requests came sealed: only it and the gateway could read them. */
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
  /**
   * Lets the body come, beginning with what has come already. Sends 100 Continue if the client waits for it.
   */
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
  /** Sends what was written. Returns false if some of it waits; `drained` follows then. */
  flush(): boolean;
  /** The answer is incomplete and stays so. The client must see that. */
  cut(): void;
  /** The last call: the answer has left, or was cut. */
  release(): void;
}

export interface AnswerHead {
  status: number;
  reason: string;
  /** Come first. */
  passed?: FieldBlock | undefined;
  fields: FieldList;
  /** `none`: no body follows, whatever Content-Length says. `known`: Content-Length says it. */
  body: 'none' | 'known' | 'unknown';
  /** Whether this must be the last answer of the connection. */
  last: boolean;
}

/** What a stream reports to the exchange. */
export interface StreamEvents {
  requestBody(octets: Uint8Array): void;
  requestComplete(trailers: FieldList): void;
  /** End of a group of calls: what they brought should be sent now. */
  requestFlush(): void;
  /** The rest of the request cannot be read. */
  requestBroken(error: Error): void;
  /** The client takes more of the answer. */
  answerDrained(): void;
  /** The client closed the connection. No calls follow. */
  clientGone(): void;
}
