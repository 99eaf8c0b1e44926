// Files of FTP servers: list, download and upload, over plain FTP (RFC 959) or TLS (RFC 4217), with
// connections that are used again. Also a middleware for clients: GET and PUT of `ftp:` and `ftps:` URLs.
// Refuses to send a password over plain FTP to another machine.
import { createReadStream } from 'node:fs';
import { PassThrough, Readable, type Writable } from 'node:stream';
import type { FileInfo } from 'basic-ftp';
import { ClientError } from '../errors.ts';
import type { TlsCredentials } from '../sockets/credentials.ts';
import { type FtpAddress, isFtp, parseFtpUrl } from './address.ts';
import { createConnections, type FtpConnections } from './connections.ts';

/** Trust and limits. `ca`, `certificate` and `key` are for `ftps:` URLs. */
export interface FtpOptions extends TlsCredentials {
  /** For URLs without a user name. Default: anonymous. */
  login?: { username: string; password: string };
  /** Longest wait for an answer, and between two pieces of a file. Default: 30. */
  timeoutSeconds?: number;
  /** Default: 10 MiB. */
  maxListingBytes?: number;
  /** Sends a password over plain FTP to other machines too, where others can read it. Default: false. */
  allowPlaintextPassword?: boolean;
}

/** A row of a listing. */
export interface FtpEntry {
  name: string;
  kind: 'file' | 'folder' | 'link' | 'other';
  /** Octets. */
  size: number;
  /** If the server says it. */
  modifiedAt: Date | undefined;
}

/** What an upload sends. A text is sent as UTF-8. */
export type FtpSource = string | Uint8Array | Readable | { file: string };

/** The part of a client's request that the middleware reads. */
export interface FtpRequest {
  url: URL;
  method: string;
  content: string | Uint8Array | (() => Readable) | null;
}

/** FTP with its connections. It is also a middleware, which passes on requests for other URLs. */
export interface Ftp {
  <Passed extends FtpRequest>(
    request: Passed,
    next: (request: Passed) => Promise<Response>,
  ): Promise<Response>;
  list(url: string | URL): Promise<FtpEntry[]>;
  /** Writes the file to `destination`, and ends it. */
  download(url: string | URL, destination: Writable): Promise<void>;
  upload(url: string | URL, source: FtpSource): Promise<void>;
  /** The URLs that it answers when it is a middleware. */
  readonly protocols: readonly string[];
  /** Ends all connections, also those in use. */
  close(): void;
}

/**
 * Creates a client of FTP servers. Its functions reject with `ClientError`, and with `TypeError` for a URL
 * that is not of FTP.
 * @throws TypeError for PEM that cannot be used
 * @example
 * const files = ftp({ ca });
 * await files.download('ftps://robot:secret@files.example.com/report.csv', createWriteStream('report.csv'));
 * files.close();
 */
export function ftp(options: FtpOptions = {}): Ftp {
  const connections = createConnections({ ...DEFAULTS, ...options });
  const addressOf = (url: string | URL) => checked(parseFtpUrl(url, options.login), options);
  const files = {
    list: async (url: string | URL) => list(connections, addressOf(url)),
    download: async (url: string | URL, destination: Writable) =>
      download(connections, addressOf(url), destination),
    upload: async (url: string | URL, source: FtpSource) => upload(connections, addressOf(url), source),
    protocols: ['ftp:', 'ftps:'],
    close: () => connections.close(),
  };
  const middleware: Ftp = Object.assign(
    async <Passed extends FtpRequest>(request: Passed, next: (request: Passed) => Promise<Response>) =>
      isFtp(request.url) ? respond(files, request) : next(request),
    files,
  );
  return middleware;
}

const DEFAULTS = { timeoutSeconds: 30, maxListingBytes: 10 * 1024 * 1024 };

/** Anonymous users have no secret. */
function checked(address: FtpAddress, { allowPlaintextPassword = false }: FtpOptions): FtpAddress {
  const { host, user, path, security } = address;
  const isLoopback = /^(localhost|.*\.localhost|127\.\d+\.\d+\.\d+|::1)$/.test(host);
  if (security === 'none' && user !== 'anonymous' && !isLoopback && !allowPlaintextPassword) {
    const message = `refused to send a password over plain FTP to ${host}, where others can read it: use ftps://`;
    throw new ClientError('identity_plaintext', message);
  }
  return { ...address, path: path === '' ? '.' : path };
}

async function list(connections: FtpConnections, address: FtpAddress): Promise<FtpEntry[]> {
  const rows = await connections.use(address, (client) => client.list(address.path));
  return rows.filter(isInFolder).map((row) => ({
    name: row.name,
    kind: kindOf(row),
    size: row.size,
    modifiedAt: row.modifiedAt,
  }));
}

/** A program may write files with these names: a name must not lead out of its folder. */
function isInFolder({ name }: FileInfo): boolean {
  return name !== '' && name !== '.' && name !== '..' && !/[/\0]/.test(name);
}

function kindOf({ isFile, isDirectory, isSymbolicLink }: FileInfo): FtpEntry['kind'] {
  if (isFile) return 'file';
  if (isDirectory) return 'folder';
  return isSymbolicLink ? 'link' : 'other';
}

async function download(connections: FtpConnections, address: FtpAddress, to: Writable): Promise<void> {
  await connections.use(address, (client) => client.downloadTo(to, address.path));
}

async function upload(connections: FtpConnections, address: FtpAddress, source: FtpSource): Promise<void> {
  await connections.use(address, (client) => client.uploadFrom(streamOf(source), address.path));
}

function streamOf(source: FtpSource): Readable {
  if (source instanceof Readable) return source;
  if (typeof source === 'string' || source instanceof Uint8Array) return Readable.from([Buffer.from(source)]);
  return createReadStream(source.file);
}

type Files = Pick<Ftp, 'list' | 'download' | 'upload'>;

/** GET of a file or, with a slash at the end, of a listing as JSON; PUT of a file. */
async function respond(files: Files, { url, method, content }: FtpRequest): Promise<Response> {
  if (method === 'PUT') {
    await files.upload(url, typeof content === 'function' ? content() : (content ?? ''));
    return new Response(null, { status: 201 });
  }
  if (method !== 'GET') throw new TypeError(`FTP has no ${method}: use GET or PUT`);
  if (url.pathname.endsWith('/')) return Response.json(await files.list(url));
  return new Response(Readable.toWeb(await openedDownload(files, url)) as ReadableStream);
}

/** Resolves with the first octets, so that a missing file is an error of the request. */
function openedDownload(files: Files, url: URL): Promise<Readable> {
  const body = new PassThrough();
  body.on('error', () => {}); // reported by the promise, or to the reader
  return new Promise((resolve, reject) => {
    const began = () => {
      if (body.readableLength === 0) return; // the server has no such file
      body.off('readable', began);
      resolve(body);
    };
    body.on('readable', began);
    files.download(url, body).then(
      () => {
        body.off('readable', began);
        resolve(body);
      },
      (error) => {
        reject(error);
        body.destroy(error);
      },
    );
  });
}
