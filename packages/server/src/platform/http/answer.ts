// The answer of a handler, and the functions that create one. An answer has JSON, text, octets, a stream, or
// a foreign handler that writes the answer itself.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { z } from 'zod';

/**
 * The length of the body is added. A field with several values, such as Set-Cookie, is sent once for each.
 */
export interface Answer {
  status: number;
  headers: Readonly<Record<string, string | string[]>>;
  /** Sent as JSON. */
  json?: unknown;
  /** Text is sent in UTF-8; a stream is sent as it comes, and is closed when the client leaves. */
  body?: string | Uint8Array | AsyncIterable<string | Uint8Array> | undefined;
  /** Writes the whole answer instead. Status and headers are then ignored. */
  takeOver?: ForeignHandler;
}

/** A handler for Node's HTTP server, as other packages provide it. */
export type ForeignHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void> | void;

/** An answer that is not JSON, described by its media type. */
export interface Content {
  mediaType: string;
}

/** The possible answers of a route, by status: the schema of the JSON, another content, or no body. */
export type Answers = Readonly<Record<number, z.ZodType | Content | null>>;

/** The answers that `A` describes. */
export type AnswerOf<A extends Answers> = {
  [Status in keyof A & number]: A[Status] extends z.ZodType<infer T>
    ? JsonAnswer<Status, T>
    : Answer & { status: Status; json?: never };
}[keyof A & number];

export interface JsonAnswer<Status extends number, T> extends Answer {
  status: Status;
  json: T;
}

/** Describes an answer that is not JSON. */
export function content(mediaType: string): Content {
  return { mediaType };
}

const JSON_HEADERS = { 'content-type': 'application/json', 'cache-control': 'no-store' };

/**
 * An answer in JSON.
 *
 * @example
 * return json({ name: 'alice' }, 201);
 */
export function json<T>(value: T): JsonAnswer<200, T>;
export function json<T, Status extends number>(
  value: T,
  status: Status,
  headers?: Answer['headers'],
): JsonAnswer<Status, T>;
export function json(value: unknown, status = 200, headers?: Answer['headers']): JsonAnswer<number, unknown> {
  return { status, headers: headers ? { ...JSON_HEADERS, ...headers } : JSON_HEADERS, json: value };
}

/** An answer without a body. */
export function noContent(headers: Answer['headers'] = {}): Answer & { status: 204; json?: never } {
  return { status: 204, headers };
}

/** A page. */
export function html(body: string): Answer & { status: 200; json?: never };
export function html<Status extends number>(
  body: string,
  status: Status,
  headers?: Answer['headers'],
): Answer & { status: Status; json?: never };
export function html(body: string, status = 200, headers: Answer['headers'] = {}): Answer & { json?: never } {
  const type = 'text/html; charset=utf-8';
  return { status, headers: { 'content-type': type, 'cache-control': 'no-store', ...headers }, body };
}

/**
 * Octets or text of a media type.
 *
 * @example
 * return withContent('text/csv', 'a,b\n');
 */
export function withContent(
  mediaType: string,
  body: NonNullable<Answer['body']>,
  headers: Answer['headers'] = {},
): Answer & { status: 200; json?: never } {
  return { status: 200, headers: { 'content-type': mediaType, ...headers }, body };
}
