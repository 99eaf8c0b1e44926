// Files beside the notes: PUT, GET, HEAD and DELETE of /notes/files/:name, streamed in both directions (RFC
// 9110 §9.3). Refuses unsafe names, partial PUT (§14.5) and files over the limits. Serves files only as
// application/octet-stream.
import type { Context } from 'hono';
import { errorAnswer, isUnchanged, unchangedAnswer } from '../answers.ts';
import type { Handler, Route } from '../routes.ts';
import { FileRefusal, type FileStore, isSafeFileName } from './file-store.ts';

/** The routes of a store, which accepts files of at most `maxFileBytes`. */
export function fileRoutes(files: FileStore, maxFileBytes: number): Route[] {
  return [
    {
      path: '/notes/files/:name',
      methods: {
        GET: named((name, context) => download(files, name, context.req.raw)),
        PUT: named((name, context) => upload(files, name, { request: context.req.raw, maxFileBytes })),
        DELETE: named((name) => remove(files, name)),
      },
    },
  ];
}

const REFUSALS: Record<FileRefusal['reason'], [status: number, error: string]> = {
  too_large: [413, 'The file is too large'],
  too_many: [507, 'Too many files'],
  no_space: [507, 'No space left for the file'],
  incomplete: [400, 'The upload was interrupted'],
};

function named(handle: (name: string, context: Context) => Promise<Response>): Handler {
  return (context) => {
    const name = context.req.param('name') ?? '';
    if (isSafeFileName(name)) return handle(name, context);
    return errorAnswer(
      400,
      'A file name has letters, digits, ".", "_" and "-", at most 128, and does not begin or end with a dot',
    );
  };
}

async function download(files: FileStore, name: string, request: Request): Promise<Response> {
  const file = await files.open(name);
  if (file === undefined) return notFound();
  const unchanged = isUnchanged(request, file.etag);
  if (unchanged || request.method === 'HEAD') await file.close();
  if (unchanged) return unchangedAnswer(file.etag);
  const headers = {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(file.size),
    'X-Content-Type-Options': 'nosniff',
    ETag: file.etag,
  };
  return new Response(request.method === 'HEAD' ? null : file.stream(), { headers });
}

interface Upload {
  request: Request;
  maxFileBytes: number;
}

async function upload(files: FileStore, name: string, { request, maxFileBytes }: Upload): Promise<Response> {
  if (request.headers.has('content-range')) return errorAnswer(400, 'Upload the whole file in one request');
  if (Number(request.headers.get('content-length')) > maxFileBytes)
    return refuse(new FileRefusal('too_large'));
  try {
    const { created, etag } = await files.write(name, request.body ?? emptyBody());
    if (!created) return new Response(null, { status: 204, headers: { ETag: etag } });
    const headers = { ETag: etag, Location: `/notes/files/${name}`, 'Content-Length': '0' };
    return new Response(null, { status: 201, headers });
  } catch (error) {
    if (error instanceof FileRefusal) return refuse(error);
    throw error;
  }
}

async function remove(files: FileStore, name: string): Promise<Response> {
  return (await files.remove(name)) ? new Response(null, { status: 204 }) : notFound();
}

function refuse({ reason }: FileRefusal): Response {
  const [status, error] = REFUSALS[reason];
  return errorAnswer(status, error);
}

function notFound(): Response {
  return errorAnswer(404, 'No such file');
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}
