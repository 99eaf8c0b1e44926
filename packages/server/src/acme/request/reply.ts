// Answers of the ACME server: each has a link to the directory, and a fresh nonce where a POST was answered (RFC 8555 §6.5, §7.1);
// whatever a handler throws becomes a problem document (§6.7).
import type { z } from 'zod';
import type { Answer, Call, Route } from '../../platform/http/route.ts';
import type { Log } from '../../platform/log.ts';
import { PROBLEM_MEDIA_TYPE } from '../../platform/problem.ts';
import { AcmeError, acmeErrorFrom, problemOf } from '../problem.ts';
import type { Urls } from '../urls.ts';
import { PATHS } from '../urls.ts';
import { jsonPayload } from './jws.ts';
import type { Nonces } from './nonces.ts';

/** What a handler gives back. */
export interface Reply {
  /** JSON; a text is sent as it is. */
  body?: object | string;
  status?: number;
  headers?: Record<string, string>;
  /** Link fields besides the one to the directory (RFC 8288). */
  links?: string[];
}

export interface ReplyDeps {
  nonces: Nonces;
  log: Log;
}

export interface Replies {
  /** Rows for a resource that answers POST, and refuses GET in the words of ACME (RFC 8555 §6.3). */
  post(path: string, handle: (call: Call) => Promise<Reply>): Route[];
  /** A row for a resource that anyone may GET. */
  get(path: string, handle: (call: Call) => Promise<Reply> | Reply): Route;
  /** The newNonce resource (RFC 8555 §7.2). */
  newNonce: Route;
}

/** Without a length, Node's clients take the answer to a HEAD for one that ends with the connection. */
const EMPTY: Reply = { headers: { 'content-length': '0' } };

export function createReplies({ nonces, log }: ReplyDeps, urls: Urls): Replies {
  const index = `<${urls.of(PATHS.directory)}>;rel="index"`;

  function send({ body, status = 200, headers = {}, links = [] }: Reply): Answer {
    const type = typeof body === 'object' ? { 'content-type': 'application/json' } : undefined;
    return {
      status,
      headers: { 'cache-control': 'no-store', link: [index, ...links].join(', '), ...type, ...headers },
      body: typeof body === 'object' ? JSON.stringify(body) : body,
    };
  }

  function refuse(error: unknown, call: Call): Reply {
    const known = acmeErrorFrom(error);
    const { status, options } = known;
    if (status >= 500) log.error({ err: error, requestId: call.requestId }, 'ACME request failed');
    return {
      body: problemOf(known),
      status,
      headers: { 'content-type': PROBLEM_MEDIA_TYPE, ...options.headers },
    };
  }

  const withNonce = (reply: Reply): Reply => ({
    ...reply,
    headers: { ...reply.headers, 'replay-nonce': nonces.issue() },
  });

  const attempt = async (call: Call, handle: (call: Call) => Promise<Reply> | Reply): Promise<Reply> => {
    try {
      return await handle(call);
    } catch (error) {
      return refuse(error, call);
    }
  };

  return {
    post: (path, handle) => [
      {
        method: 'POST',
        path,
        permission: 'public',
        handle: async (call) => send(withNonce(await attempt(call, handle))),
      },
      { method: 'GET', path, permission: 'public', handle: (call) => send(refuse(postAsGet(), call)) },
    ],
    get: (path, handle) => ({
      method: 'GET',
      path,
      permission: 'public',
      handle: async (call) => send(await attempt(call, handle)),
    }),
    newNonce: {
      method: 'GET',
      path: PATHS.newNonce,
      permission: 'public',
      handle: ({ method }) => send(withNonce(method === 'HEAD' ? EMPTY : { status: 204 })),
    },
  };
}

/** The payload, checked; members that are not known, or are `null`, are ignored (RFC 8555 §7.1). Throws `malformed`. */
export function readPayload<T extends z.ZodType>(schema: T, request: { payload: Buffer }): z.output<T> {
  const result = schema.safeParse(jsonPayload(request));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new AcmeError(
    'malformed',
    `${issue?.path.join('.') || 'The payload'}: ${issue?.message ?? 'not valid'}.`,
  );
}

export function isPostAsGet({ payload }: { payload: Buffer }): boolean {
  return payload.length === 0;
}

/** Throws `malformed` for anything but a POST-as-GET (RFC 8555 §6.3). */
export function requirePostAsGet(request: { payload: Buffer }): void {
  if (isPostAsGet(request)) return;
  throw new AcmeError('malformed', 'This is read with POST-as-GET: the payload must be empty.');
}

function postAsGet(): AcmeError {
  return new AcmeError('malformed', 'Read this with POST-as-GET (RFC 8555 §6.3).', {
    status: 405,
    headers: { allow: 'POST' },
  });
}
