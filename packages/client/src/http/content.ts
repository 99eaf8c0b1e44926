// The content of a request, from the caller's text, octets, forms, JSON, streams or multipart.

import { Readable } from 'node:stream';
import { type Multipart, multipartOf } from './multipart.ts';
import { type Content, requireUnread } from './request-content.ts';

/** A value in a query or a form. An array means several fields of one name; undefined means none. */
export type Fields = Readonly<Record<string, Field | readonly Field[] | undefined>>;
type Field = string | number | boolean;

/** Content, as `fetch` takes it, and streams of Node. */
export type Body = BodyInit | Readable | AsyncIterable<Uint8Array> | null;

/** At most one of these. */
export interface ContentOptions {
  /** Text, octets, a form, a file, or a stream. */
  body?: Body | undefined;
  /** As application/x-www-form-urlencoded. */
  form?: Fields;
  /** Any value, as application/json. */
  json?: unknown;
  /** As multipart/form-data. Files and streams are sent without being held in memory. */
  multipart?: Multipart;
}

/** The content and its type. */
export function contentOf(options: ContentOptions): Content {
  const { body, form, json, multipart } = options;
  const given = [body, form, json, multipart].reduce<number>(
    (count, one) => count + Number(one !== undefined),
    0,
  );
  if (given === 0) return NOTHING;
  if (given > 1)
    throw new TypeError(`give one of ${KINDS.filter((kind) => options[kind] !== undefined).join(' and ')}`);
  if (form !== undefined) return urlEncoded(searchParams(form));
  if (json !== undefined) return fixed(JSON.stringify(json), 'application/json');
  if (multipart !== undefined) return multipartOf(multipart);
  return bodyOf(body ?? null);
}

const KINDS = ['body', 'form', 'json', 'multipart'] as const;
const NOTHING: Content = { content: null, replayable: true };

/** The fields as a query. */
export function searchParams(fields: Fields): URLSearchParams {
  const pairs = Object.entries(fields).flatMap(([name, values]) =>
    [values ?? []].flat().map((value) => [name, String(value)]),
  );
  return new URLSearchParams(pairs);
}

function bodyOf(body: Body): Content {
  if (body === null) return NOTHING;
  if (typeof body === 'string') return fixed(body, 'text/plain;charset=UTF-8');
  if (body instanceof URLSearchParams) return urlEncoded(body);
  if (body instanceof FormData) return multipartOf(entriesOf(body));
  if (body instanceof Blob) return blobOf(body);
  if (body instanceof ArrayBuffer) return fixed(new Uint8Array(body));
  if (ArrayBuffer.isView(body)) return fixed(new Uint8Array(body.buffer, body.byteOffset, body.byteLength));
  requireUnread(body);
  const readable = body instanceof Readable ? body : Readable.from(body as AsyncIterable<Uint8Array>);
  return { content: () => readable, replayable: false };
}

function fixed(content: string | Uint8Array, type?: string): Content {
  return { content, replayable: true, ...(type === undefined ? {} : { type }) };
}

function urlEncoded(fields: URLSearchParams): Content {
  return fixed(fields.toString(), 'application/x-www-form-urlencoded;charset=UTF-8');
}

function blobOf(blob: Blob): Content {
  const content = () => Readable.from(blob.stream());
  return { content, length: blob.size, replayable: true, ...(blob.type === '' ? {} : { type: blob.type }) };
}

function entriesOf(form: FormData): Multipart {
  return Object.fromEntries([...new Set(form.keys())].map((name) => [name, form.getAll(name)]));
}
