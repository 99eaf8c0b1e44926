// The body of a request: `--data` as in curl, or a file. Refuses both together. Also refuses the path of a
// data folder as the body, because in other commands `--data` names that folder.

import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { cannotRead, usageError } from '../../exit-status.ts';
import type { CliProcess } from '../../process.ts';
import type { CurlBody } from './curl.ts';
import type { BodyFlags } from './flags.ts';
import type { ItemField } from './items.ts';

export interface Content {
  body: Readable;
  /** Header fields that the command line may replace. */
  headers: Record<string, string>;
}

/** Throws `CliError`. */
export function requireOneBody({ data, dataFile, form }: BodyFlags, fields: readonly ItemField[]): void {
  if (fields.length > 0 && (data ?? dataFile ?? form) !== undefined) {
    throw usageError(
      'items such as field=value define the whole body: leave out --data, --data-file and --form',
    );
  }
  if (data !== undefined && dataFile !== undefined) throw usageError('give --data or --data-file, not both');
  if (form !== undefined && (data ?? dataFile) !== undefined) {
    throw usageError('--form defines the whole body: leave out --data and --data-file');
  }
  const folder = data?.find((text) => existsSync(join(text, 'root.pem')));
  if (folder === undefined) return;
  throw usageError(
    '--data is the body of the request, and you gave a data folder: name the folder with --data-folder',
  );
}

/** Undefined for a request without a body. */
export async function openBody(
  flags: BodyFlags,
  fields: readonly ItemField[],
  process: CliProcess,
): Promise<Content | undefined> {
  if (fields.length > 0) return openItems(fields);
  if (flags.form !== undefined) return (await import('./form.ts')).openForm(flags.form);
  if (flags.data !== undefined) return bodyOf(flags.data, process);
  return flags.dataFile === undefined ? undefined : openFile(flags.dataFile, process);
}

/** Whether the body can be opened again. */
export function isReplayable({ data, dataFile }: BodyFlags): boolean {
  return dataFile !== '-' && data?.includes('@-') !== true;
}

/** The same body, for a command of curl. */
export function bodyForCurl({ data, dataFile, form }: BodyFlags, fields: readonly ItemField[]): CurlBody {
  if (form !== undefined) return { kind: 'form', fields: form };
  if (data !== undefined) return { kind: 'data', pieces: data };
  if (dataFile !== undefined) return { kind: 'file', path: dataFile };
  if (fields.length === 0) return { kind: 'none' };
  if (!hasUpload(fields)) return { kind: 'json', fields: objectOf(fields) };
  return {
    kind: 'form',
    fields: fields.map((field) =>
      'path' in field ? `${field.name}@${field.path}` : `${field.name}=${textOf(field.value)}`,
    ),
  };
}

/** A form (RFC 7578) if there is a file, otherwise a JSON object. */
async function openItems(fields: readonly ItemField[]): Promise<Content> {
  if (hasUpload(fields)) {
    const { openFields } = await import('./form.ts');
    return openFields(
      fields.map((field) => ('path' in field ? field : { name: field.name, value: textOf(field.value) })),
    );
  }
  const octets = Buffer.from(JSON.stringify(objectOf(fields)));
  return {
    body: Readable.from([octets]),
    headers: { 'content-type': 'application/json', 'content-length': String(octets.length) },
  };
}

function hasUpload(fields: readonly ItemField[]): boolean {
  return fields.some((field) => 'path' in field);
}

function objectOf(fields: readonly ItemField[]): Record<string, unknown> {
  return Object.fromEntries(fields.map((field) => [field.name, 'value' in field ? field.value : undefined]));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** As curl does: pieces are joined by `&`, and `@FILE` is the content of a file. */
async function bodyOf(pieces: readonly string[], process: CliProcess): Promise<Content> {
  const parts = await Promise.all(pieces.map((piece) => contentOf(piece, process)));
  const octets = Buffer.concat(
    parts.flatMap((part, index) => (index === 0 ? [part] : [Buffer.from('&'), part])),
  );
  const type = isJson(octets) ? 'application/json' : 'application/x-www-form-urlencoded';
  return {
    body: Readable.from([octets]),
    headers: { 'content-type': type, 'content-length': String(octets.length) },
  };
}

function contentOf(piece: string, process: CliProcess): Promise<Buffer> {
  if (piece === '@-') return buffer(process.stdin);
  if (!piece.startsWith('@')) return Promise.resolve(Buffer.from(piece));
  const path = piece.slice(1);
  return readFile(path).catch((error) => {
    throw cannotRead(path, error);
  });
}

/** An object or an array, because a form could also be a number or a word. */
function isJson(octets: Buffer): boolean {
  const text = octets.toString();
  if (!/^\s*[[{]/.test(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A regular file is sent with its length, anything else in chunks (RFC 9112 §7.1). */
async function openFile(path: string, process: CliProcess): Promise<Content> {
  if (path === '-') return { body: process.stdin, headers: {} };
  const file = await open(path).catch((error) => {
    throw cannotRead(path, error);
  });
  const stat = await file.stat();
  return {
    body: file.createReadStream(),
    headers: stat.isFile() ? { 'content-length': String(stat.size) } : {},
  };
}
