// `--form`: the fields of a form. With a file it is multipart/form-data (RFC 7578), in which files are
// streamed; otherwise application/x-www-form-urlencoded.
import { randomUUID } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { cannotRead, usageError } from '../../exit-status.ts';
import type { Content } from './body.ts';

type Field = { name: string; value: string } | { name: string; path: string };

/** `name=value` and `name@FILE`. Throws `CliError`. */
export async function openForm(items: readonly string[]): Promise<Content> {
  return openFields(items.map(parseField));
}

/** The same for fields that are read. */
export async function openFields(fields: readonly Field[]): Promise<Content> {
  if (fields.some((field) => 'path' in field)) return multipart(fields);
  const pairs = fields.map((field): [string, string] => [field.name, 'value' in field ? field.value : '']);
  const octets = Buffer.from(new URLSearchParams(pairs).toString());
  return {
    body: Readable.from([octets]),
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(octets.length),
    },
  };
}

function parseField(item: string): Field {
  const [, name, sign, rest] = /^([^=@]+)([=@])(.*)$/s.exec(item) ?? [];
  if (name === undefined || rest === undefined) throw usageError('--form should be NAME=VALUE or NAME@FILE');
  return sign === '=' ? { name, value: rest } : { name, path: rest };
}

interface Part {
  head: Buffer;
  content: Buffer | FileHandle;
  /** Undefined unless it is a regular file. */
  length: number | undefined;
}

async function multipart(fields: readonly Field[]): Promise<Content> {
  const boundary = `gatehouse-${randomUUID()}`;
  const parts = await Promise.all(fields.map((field) => partOf(field, boundary)));
  const end = Buffer.from(`--${boundary}--\r\n`);
  const lengths = parts.map(({ head, length }) =>
    length === undefined ? undefined : head.length + length + LINE_END.length,
  );
  const total = lengths.includes(undefined)
    ? undefined
    : lengths.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  return {
    body: Readable.from(octetsOf(parts, end)),
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      ...(total === undefined ? {} : { 'content-length': String(total + end.length) }),
    },
  };
}

const LINE_END = Buffer.from('\r\n');

async function partOf(field: Field, boundary: string): Promise<Part> {
  const disposition = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(field.name)}"`;
  if ('value' in field) {
    const content = Buffer.from(field.value);
    return { head: Buffer.from(`${disposition}\r\n\r\n`), content, length: content.length };
  }
  const { path } = field;
  const file = await open(path).catch((error) => {
    throw cannotRead(path, error);
  });
  const stat = await file.stat();
  if (stat.isDirectory()) throw cannotRead(path, { code: 'EISDIR' });
  const type = 'Content-Type: application/octet-stream';
  const head = Buffer.from(`${disposition}; filename="${quoted(basename(path))}"\r\n${type}\r\n\r\n`);
  return { head, content: file, length: stat.isFile() ? stat.size : undefined };
}

/** As browsers do (HTML, "multipart/form-data encoding algorithm"). */
function quoted(name: string): string {
  return name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

async function* octetsOf(parts: readonly Part[], end: Buffer): AsyncGenerator<Buffer> {
  for (const { head, content } of parts) {
    yield head;
    if (Buffer.isBuffer(content)) yield content;
    else yield* content.createReadStream();
    yield LINE_END;
  }
  yield end;
}
