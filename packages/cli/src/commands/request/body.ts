// The body of a request: `--data` as curl users know it, or a file. Refuses both at once, and a data folder
// of Gatehouse where a body belongs: `--data` names that folder in the other commands.
import { existsSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { cannotRead, usageError } from '../../exit-status.ts';
import type { CliProcess } from '../../process.ts';

export interface BodyFlags {
  data?: readonly string[];
  dataFile?: string;
  form?: readonly string[];
}

export interface Content {
  body: Readable;
  /** Those that the command line may replace. */
  headers: Record<string, string>;
}

/** Throws `CliError`. */
export function requireOneBody({ data, dataFile, form }: BodyFlags): void {
  if (data !== undefined && dataFile !== undefined) throw usageError('give --data or --data-file, not both');
  if (form !== undefined && (data ?? dataFile) !== undefined) {
    throw usageError('--form makes the whole body: give it without --data and --data-file');
  }
  const folder = data?.find((text) => existsSync(join(text, 'root.pem')));
  if (folder === undefined) return;
  throw usageError(
    '--data is the body of the request, and you gave a data folder: name the folder with --data-folder',
  );
}

/** Undefined for a request without a body. */
export async function openBody(flags: BodyFlags, process: CliProcess): Promise<Content | undefined> {
  if (flags.form !== undefined) return (await import('./form.ts')).openForm(flags.form);
  if (flags.data !== undefined) return bodyOf(flags.data, process);
  return flags.dataFile === undefined ? undefined : openFile(flags.dataFile, process);
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

/** An object or an array: a form could be a number or a word. */
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
