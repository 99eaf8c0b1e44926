// What a parser of HTTP/1.1 read from some octets, in a form that can be compared, and our readers in it.
import { Http1Error } from '../../../packages/dataplane/src/http1/errors.ts';
import type { KnownHeads } from '../../../packages/dataplane/src/http1/known-heads.ts';
import type {
  FieldList,
  MessageEvents,
  MessageReader,
  RequestHead,
  ResponseHead,
} from '../../../packages/dataplane/src/http1/messages.ts';
import { createRequestReader } from '../../../packages/dataplane/src/http1/request-reader.ts';
import {
  createResponseReader,
  type Question,
} from '../../../packages/dataplane/src/http1/response-reader.ts';

export interface Message {
  /** `GET / 1.1` or `1.1 200 OK` */
  start: string;
  fields: string[];
  /** One character an octet. */
  body: string;
  trailers: string[];
  isComplete: boolean;
}

export interface Reading {
  messages: Message[];
  /** Why nothing more was read; undefined if only more octets are missing. */
  refusal: string | undefined;
  /** Whether HTTP ends after the last message. */
  isUpgraded: boolean;
  /** Whether the reader was stopped after its last message, although more octets may follow. */
  isStopped: boolean;
}

export const MAX_HEAD_BYTES = 4096;
const LIMITS = { maxHeadBytes: MAX_HEAD_BYTES, maxFields: 100 };

export function newReading(): Reading {
  return { messages: [], refusal: undefined, isUpgraded: false, isStopped: false };
}

export function newMessage(start: string, fields: string[]): Message {
  return { start, fields, body: '', trailers: [], isComplete: false };
}

export function startOfRequest(method: string, target: string, version: string): string {
  return `${method} ${target} ${version}`;
}

export function startOfResponse(version: string, status: number, reason: string): string {
  return `${version} ${status} ${reason}`;
}

/** Reads requests until one that ends the connection. `known`: heads that other connections have read. */
export function readRequests(parts: readonly Uint8Array[], known?: KnownHeads<RequestHead>): Reading {
  const reading = newReading();
  let isLast = false;
  const head = ({ method, target, version, fields, keepAlive, isWebSocket }: RequestHead) => {
    reading.messages.push(newMessage(startOfRequest(method, target, version), fields));
    isLast = !keepAlive || isWebSocket;
    reading.isUpgraded = isWebSocket;
  };
  const reader = createRequestReader(LIMITS, { ...bodyEvents(reading), head }, known);
  readParts(reader, parts, reading, () => isLast);
  return reading;
}

/** Reads one answer, to the end of the connection if it has no other end. */
export function readResponse(question: Question, parts: readonly Uint8Array[]): Reading {
  const reading = newReading();
  let isFinal = false;
  const head = ({ version, status, reason, fields }: ResponseHead) => {
    reading.messages.push(newMessage(startOfResponse(version, status, reason), fields));
    isFinal = status >= 200 || status === 101;
    reading.isUpgraded = status === 101;
  };
  const information = (interim: ResponseHead) => {
    head(interim);
    lastOf(reading).isComplete = true;
  };
  const reader = createResponseReader(LIMITS, { ...bodyEvents(reading), head, information });
  reader.expect(question);
  readParts(reader, parts, reading, () => isFinal);
  if (!reading.messages.at(-1)?.isComplete) attempt(reading, () => reader.end());
  return reading;
}

export function lastOf({ messages }: Reading): Message {
  const last = messages.at(-1);
  if (last === undefined) throw new Error('a part of a message came before its head');
  return last;
}

function bodyEvents(reading: Reading): Omit<MessageEvents<never>, 'head'> {
  return {
    body(octets) {
      if (octets.length === 0) throw new Error('an empty part of a body');
      lastOf(reading).body += Buffer.from(octets).toString('latin1');
    },
    complete(trailers: FieldList) {
      Object.assign(lastOf(reading), { trailers, isComplete: true });
    },
  };
}

function readParts(
  reader: MessageReader,
  parts: readonly Uint8Array[],
  reading: Reading,
  isLast: () => boolean,
): void {
  for (const part of parts) {
    for (let rest = part; rest.length > 0 && reading.refusal === undefined; ) {
      if (reading.isStopped) return;
      attempt(reading, () => {
        const taken = reader.read(rest);
        if (taken <= 0 || taken > rest.length) throw new Error(`read ${taken} of ${rest.length} octets`);
        rest = rest.subarray(taken);
        reading.isStopped = isLast() && lastOf(reading).isComplete;
      });
    }
  }
}

/** Any other error than `Http1Error` is a finding. */
function attempt(reading: Reading, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof Http1Error)) throw error;
    reading.refusal = error.code;
  }
}
