// Two parsers that are not ours: llhttp, which is inside Node, and http-parser-js. They have the same
// interface: functions under numbers that the parser calls.
import assert from 'node:assert/strict';
import { METHODS } from 'node:http';
import { createRequire } from 'node:module';
import type { Question } from '../../../packages/dataplane/src/http1/response-reader.ts';
import {
  lastOf,
  MAX_HEAD_BYTES,
  newMessage,
  newReading,
  type Reading,
  startOfRequest,
  startOfResponse,
} from './reading.ts';

export interface OtherParser {
  readonly name: string;
  requests(input: Uint8Array): Reading;
  /** Reads the answer to `question`, to the end of the connection if it has no other end. */
  response(question: Question, input: Uint8Array): Reading;
}

/** The constructor of both. */
interface ParserClass {
  new (type?: unknown): Parser;
  REQUEST: unknown;
  RESPONSE: unknown;
  kOnHeaders: number;
  kOnHeadersComplete: number;
  kOnBody: number;
  kOnMessageComplete: number;
  kOnExecute: number;
  encoding?: string;
}

interface Parser {
  [event: number]: (...facts: never[]) => unknown;
  initialize(type: unknown, resource: object, maxHeaderBytes?: number): void;
  execute(octets: Uint8Array): number | Error;
  finish(): Error | undefined;
  /** Only the native one has memory to free. */
  close?(): void;
}

// Node has no other way to its parser that is synchronous.
const require = createRequire(import.meta.url);
const { HTTPParser: Llhttp } = require('node:_http_common') as { HTTPParser: ParserClass };
const { HTTPParser: JsParser, methods } = require('http-parser-js') as {
  HTTPParser: ParserClass;
  methods: string[];
};

export function createOtherParsers(): OtherParser[] {
  JsParser.encoding = 'latin1';
  // Reading this constant switches http-parser-js to the interface of today's Node.
  assert.ok(JsParser.kOnExecute);
  return [
    otherParser('llhttp', Llhttp, llhttpMethods()),
    otherParser('http-parser-js', JsParser, new Map(methods.entries())),
  ];
}

/** llhttp gives methods as numbers, and does not say which number means which method. */
function llhttpMethods(): Map<number, string> {
  const names = new Map<number, string>();
  for (const name of METHODS) {
    const parser = new Llhttp();
    parser.initialize(Llhttp.REQUEST, {});
    parser[Llhttp.kOnHeadersComplete] = (
      _major: number,
      _minor: number,
      _fields: string[],
      method: number,
    ) => {
      names.set(method, name);
      return 0;
    };
    parser.execute(Buffer.from(`${name} * HTTP/1.1\r\nHost: a\r\n\r\n`));
  }
  return names;
}

function otherParser(name: string, kind: ParserClass, methodNames: Map<number, string>): OtherParser {
  return {
    name,
    requests: (input) =>
      read(kind, kind.REQUEST, input, (head, reading) => {
        const { method, target, version, fields } = head;
        const start = startOfRequest(methodNames.get(method) ?? `method ${method}`, target, version);
        reading.messages.push(newMessage(start, fields));
        reading.isUpgraded = head.isUpgraded;
        return 0;
      }),
    response: (question, input) =>
      read(kind, kind.RESPONSE, input, ({ version, status, reason, fields, isUpgraded }, reading) => {
        reading.messages.push(newMessage(startOfResponse(version, status, reason), fields));
        reading.isUpgraded = isUpgraded;
        // http-parser-js forgets that these have no body once it has seen Content-Length.
        return question === 'HEAD' || status < 200 || status === 204 || status === 304 ? 1 : 0;
      }),
  };
}

interface Head {
  version: string;
  fields: string[];
  method: number;
  target: string;
  status: number;
  reason: string;
  isUpgraded: boolean;
}

/** @param takeHead returns 1 if there is no body */
function read(
  kind: ParserClass,
  type: unknown,
  input: Uint8Array,
  takeHead: (head: Head, reading: Reading) => number,
): Reading {
  const reading = newReading();
  let early: string[] = [];
  let earlyTarget = '';
  const parser = new kind();
  parser.initialize(type, {}, MAX_HEAD_BYTES);
  // Trailers, and fields of a head with very many.
  parser[kind.kOnHeaders] = (fields: string[], target: string) => {
    const last = reading.messages.at(-1);
    if (last && !last.isComplete) last.trailers.push(...fields);
    else {
      early.push(...fields);
      earlyTarget += target;
    }
  };
  parser[kind.kOnHeadersComplete] = (
    ...[major, minor, fields, method, target, status, reason, isUpgraded]: HeadFacts
  ) => {
    const head = {
      version: `${major}.${minor}`,
      fields: [...early, ...(fields ?? [])],
      method,
      target: target ?? earlyTarget,
      status,
      reason,
      isUpgraded,
    };
    early = [];
    earlyTarget = '';
    return takeHead(head, reading);
  };
  parser[kind.kOnBody] = (octets: Buffer, _start: number, length: number) => {
    if (length < 0) throw new NegativeChunk();
    lastOf(reading).body += octets.toString('latin1');
  };
  parser[kind.kOnMessageComplete] = () => {
    lastOf(reading).isComplete = true;
  };
  const outcome = execute(parser, input);
  const flaw = outcome instanceof Error ? outcome : type === kind.RESPONSE ? parser.finish() : undefined;
  if (flaw instanceof Error) reading.refusal = 'code' in flaw ? String(flaw.code) : flaw.message;
  // llhttp is native memory, which the garbage collector frees only when the event loop turns.
  parser.close?.();
  return reading;
}

/** http-parser-js reads the chunk size `-e` as -14, goes back by as many octets, and would never end. */
class NegativeChunk extends Error {
  override message = 'The size of a chunk is negative.';
}

function execute(parser: Parser, input: Uint8Array): number | Error {
  try {
    return parser.execute(Buffer.from(input));
  } catch (error) {
    if (error instanceof NegativeChunk) return error;
    throw error;
  }
}

type HeadFacts = [
  major: number,
  minor: number,
  fields: string[] | undefined,
  method: number,
  target: string | undefined,
  status: number,
  reason: string,
  isUpgraded: boolean,
];
