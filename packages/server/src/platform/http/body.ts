// Request bodies: how a route describes its body, and how it is read. Text that is not UTF-8 is refused, a
// byte order mark is ignored, and no body is read beyond its limit.
import type { IncomingMessage } from 'node:http';
import { GatehouseError } from '@gatehouse/access';
import { z } from 'zod';
import { decodeText } from '../text.ts';
import { repeatedMember } from './repeated-member.ts';
import { parseUrlEncoded } from './url-encoded.ts';
import { check } from './validation.ts';

/** JSON with a schema, or one of the other kinds. */
export type BodySpec = z.ZodType | JsonBody | FormBody | OctetsBody;

/** The type that the handler gets for a body of this kind. */
export type BodyOf<B> = B extends z.ZodType
  ? z.output<B>
  : B extends { schema: infer Schema extends z.ZodType }
    ? z.output<Schema>
    : B extends OctetsBody
      ? Uint8Array
      : undefined;

/** JSON with a separate limit. */
export interface JsonBody<Schema extends z.ZodType = z.ZodType> {
  kind: 'json';
  schema: Schema;
  maxBytes: number;
}

export interface FormBody<Schema extends z.ZodType = z.ZodType> {
  kind: 'form';
  schema: Schema;
  /** Fields that may come more than once; the schema gets a list. */
  lists: readonly string[];
}

export interface OctetsBody {
  kind: 'octets';
  mediaType: string;
  maxBytes: number;
}

const BODY_LIMIT_BYTES = 256 * 1024;
const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** JSON that may be larger than usual. */
export function jsonUpTo<Schema extends z.ZodType>(maxBytes: number, schema: Schema): JsonBody<Schema> {
  return { kind: 'json', schema, maxBytes };
}

/** A form. A field that comes twice is refused unless `lists` names it. */
export function form<Schema extends z.ZodType>(
  schema: Schema,
  lists: readonly string[] = [],
): FormBody<Schema> {
  return { kind: 'form', schema, lists };
}

/** A body of this media type, unchanged. */
export function octets(mediaType: string, maxBytes = BODY_LIMIT_BYTES): OctetsBody {
  return { kind: 'octets', mediaType, maxBytes };
}

export function mediaTypeOf(spec: BodySpec): string {
  if (spec instanceof z.ZodType || spec.kind === 'json') return JSON_TYPE;
  return spec.kind === 'form' ? FORM_TYPE : spec.mediaType;
}

/** Throws `unsupported_media_type`, `content_too_large`, or `bad_request` for a body that ends early. */
export function readBody(incoming: IncomingMessage, spec: BodySpec): Promise<Buffer> {
  const limit = 'maxBytes' in spec ? spec.maxBytes : BODY_LIMIT_BYTES;
  return readOctets(incoming, mediaTypeOf(spec), limit);
}

/**
 * The value for the handler. Throws `bad_request` if the body cannot be read, `unprocessable` if it does not
 * fit the schema.
 */
export function parseBody(octets: Buffer, spec: BodySpec): unknown {
  if (spec instanceof z.ZodType) return check(spec, parseJson(textOf(octets)), 'The body');
  if (spec.kind === 'json') return parseBody(octets, spec.schema);
  return spec.kind === 'form' ? parseForm(textOf(octets), spec) : octets;
}

const textOf = (octets: Buffer) => decodeText(octets, 'The body', 'bad_request');

function parseJson(text: string): unknown {
  const value = jsonOf(text);
  const repeated = repeatedMember(text);
  if (repeated === undefined) return value;
  throw new GatehouseError('bad_request', `${shortened(repeated)}: comes more than once; send it once.`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GatehouseError('bad_request', 'The body is not valid JSON: correct it.', { cause: error });
  }
}

const NAME_LENGTH = 64;

function shortened(name: string): string {
  return name.length > NAME_LENGTH ? `${name.slice(0, NAME_LENGTH)}…` : name;
}

function parseForm(text: string, { schema, lists }: FormBody): unknown {
  const values = new Map<string, string | string[]>(lists.map((name) => [name, []]));
  for (const [name, value] of parseUrlEncoded(text, 'The body')) {
    const before = values.get(name);
    if (typeof before === 'string') {
      throw new GatehouseError('bad_request', `${name}: comes more than once; send it once.`);
    }
    if (before) before.push(value);
    else values.set(name, value);
  }
  return check(schema, Object.fromEntries(values), 'The form');
}

function readOctets(incoming: IncomingMessage, mediaType: string, maxBytes: number): Promise<Buffer> {
  const sent = incoming.headersDistinct['content-type']?.join(', ');
  if (sent?.split(';')[0]?.trim().toLowerCase() !== mediaType) {
    throw new GatehouseError('unsupported_media_type', `Send it with Content-Type: ${mediaType}.`);
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= maxBytes) return;
      incoming.off('data', take).pause();
      reject(
        new GatehouseError('content_too_large', `The body is too large: send at most ${maxBytes} bytes.`),
      );
    };
    incoming.on('data', take);
    const breakOff = () =>
      reject(new GatehouseError('bad_request', 'The body ended too early: send it again.'));
    incoming.once('close', breakOff);
    incoming.once('end', () => {
      incoming.off('close', breakOff);
      // Reads all requests that arrive in one turn of the event loop before it answers any. So the
      // processor's caches have one kind of code at a time.
      setImmediate(() => resolve(Buffer.concat(chunks)));
    });
  });
}
