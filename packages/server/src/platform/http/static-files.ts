// Serves the files of a folder as routes. The folder is read once, at the start, so that no request can name
// a file outside it.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';
import { GatehouseError } from '@gatehouse/access';
import type { Answer } from './answer.ts';
import type { Call, Route } from './route.ts';

interface StaticFile {
  body: Uint8Array;
  headers: Record<string, string>;
}

export interface StaticFilesRow extends Pick<Route, 'name' | 'path' | 'permission' | 'summary'> {
  folder: string;
  /** Further header fields, such as a Content-Security-Policy. */
  headers?: Readonly<Record<string, string>>;
  /** Files whose name changes with their content. Clients may store them for a year. */
  isImmutable?: (path: string) => boolean;
}

const INDEX = 'index.html';
const YEAR_SECONDS = 365 * 86_400;

/** Leaves out symbolic links, and files whose names begin with a dot. */
export function staticFiles({
  folder,
  headers = {},
  isImmutable = () => false,
  ...row
}: StaticFilesRow): Route {
  const files = new Map(pathsBelow(folder).map((path) => [path, readStatic(folder, path)]));

  function readStatic(folder: string, path: string): StaticFile {
    const body = readFileSync(join(folder, path));
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
    const cacheControl = isImmutable(path) ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache';
    return {
      body,
      headers: { ...headers, 'content-type': mediaTypeOf(path), etag, 'cache-control': cacheControl },
    };
  }

  return {
    ...row,
    method: 'GET',
    path: `${row.path}/*`,
    answers: {},
    documented: false,
    handle: (call) => serveFile(files.get(pathIn(call, row.path)), call),
  };
}

function pathIn(call: Pick<Call, 'path'>, path: string): string {
  const rest = decoded(call.path.slice(path.length).replace(/^\//, ''));
  return rest === '' || rest.endsWith('/') ? `${rest}${INDEX}` : rest;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw nothing();
  }
}

function serveFile(file: StaticFile | undefined, call: Call): Answer {
  if (!file) throw nothing();
  const known = call
    .header('if-none-match')
    ?.split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''));
  if (known?.includes(file.headers.etag ?? '')) return { status: 304, headers: file.headers };
  return { status: 200, headers: file.headers, body: file.body };
}

function nothing(): GatehouseError {
  return new GatehouseError('not_found', 'There is no such file here.');
}

function pathsBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => !path.split('/').some((part) => part.startsWith('.')));
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.woff2': 'font/woff2',
};

function mediaTypeOf(path: string): string {
  return TYPES[extname(path).toLowerCase()] ?? 'application/octet-stream';
}
