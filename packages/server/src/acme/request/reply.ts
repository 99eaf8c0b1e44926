// Answers of the ACME server. Each has a link to the directory, and an answer to a POST has a fresh nonce
// (RFC 8555 §6.5, §7.1). The errors of handlers become problem documents (§6.7).
import { PROBLEM_MEDIA_TYPE } from '@gatehouse/access';
import type { z } from 'zod';
import type { Answer, Answers } from '../../platform/http/answer.ts';
import { octets } from '../../platform/http/body.ts';
import type { Call, OutputOf, Route } from '../../platform/http/route.ts';
import { withDescribedPath } from '../../platform/http/route.ts';
import type { Log } from '../../platform/log/log.ts';
import { problemWithMember } from '../../platform/problems/schema-problem.ts';
import type { AcmeProblem } from '../problem.ts';
import { AcmeError, acmeErrorFrom, acmeProblemSchema, problemOf } from '../problem.ts';
import type { Urls } from '../urls.ts';
import { PATHS } from '../urls.ts';
import { jsonPayload } from './jws.ts';
import type { Nonces } from './nonces.ts';

/** The result of a handler. */
export interface Reply<Body> {
  /** Sent as JSON; a text is sent unchanged. */
  body?: Body;
  status?: number;
  headers?: Record<string, string>;
  /** Link fields besides the link to the directory (RFC 8288). */
  links?: string[];
}

/** A call whose body is the octets of a JWS. */
export type SignedCall<Params = unknown> = Call<Params, unknown, Uint8Array>;

export interface ReplyDeps {
  nonces: Nonces;
  log: Log;
}

interface ReplyRow<Params extends z.ZodObject | undefined, Possible extends Answers>
  extends Pick<Route, 'name' | 'path' | 'summary'> {
  params?: Params;
  answers: Possible;
  handle(
    call: SignedCall<OutputOf<Params>>,
  ): Promise<Reply<ReplyBody<Possible>>> | Reply<ReplyBody<Possible>>;
}

type ReplyBody<Possible extends Answers> = {
  [Status in keyof Possible]: Possible[Status] extends z.ZodType<infer T> ? T : string;
}[keyof Possible];

export interface Replies {
  /** Rows for a resource that answers POST, and refuses GET with an ACME error (RFC 8555 §6.3). */
  post<const Possible extends Answers, Params extends z.ZodObject | undefined = undefined>(
    row: ReplyRow<Params, Possible>,
  ): Route[];
  /** A row for a resource that anyone may GET. */
  get<const Possible extends Answers, Params extends z.ZodObject | undefined = undefined>(
    row: ReplyRow<Params, Possible>,
  ): Route;
  /** The newNonce resource (RFC 8555 §7.2). */
  newNonce: Route;
}

const MAX_BODY_BYTES = 64 * 1024;
const SIGNED_BODY = octets('application/jose+json', MAX_BODY_BYTES);

export function createReplies({ nonces, log }: ReplyDeps, urls: Urls): Replies {
  const index = `<${urls.of(PATHS.directory)}>;rel="index"`;

  function send({ body, status = 200, headers = {}, links = [] }: Reply<unknown>): Answer {
    const type = typeof body === 'object' ? { 'content-type': 'application/json' } : undefined;
    return {
      status,
      headers: { 'cache-control': 'no-store', link: [index, ...links].join(', '), ...type, ...headers },
      ...(typeof body === 'string' ? { body } : { json: body }),
    };
  }

  function refuse(error: unknown, requestId: string): Reply<AcmeProblem> {
    const known = acmeErrorFrom(error);
    const { status, options } = known;
    if (status >= 500) log.event('acme.request_failed', { error, requestId });
    return {
      body: problemOf(known),
      status,
      headers: { 'content-type': PROBLEM_MEDIA_TYPE, ...options.headers },
    };
  }

  const withNonce = (reply: Reply<unknown>): Reply<unknown> => ({
    ...reply,
    headers: { ...reply.headers, 'replay-nonce': nonces.issue() },
  });

  const problem = { mediaType: PROBLEM_MEDIA_TYPE, schema: acmeProblemSchema };
  const errors: Route['errors'] = {
    ...problem,
    answer: (error, requestId) => send(refuse(error, requestId)),
  };
  const errorsWithNonce: Route['errors'] = {
    ...problem,
    answer: (error, requestId) => send(withNonce(refuse(error, requestId))),
  };

  return {
    post: ({ handle, ...row }) => [
      withDescribedPath({
        ...row,
        method: 'POST',
        permission: 'public',
        body: SIGNED_BODY,
        errors: errorsWithNonce,
        handle: async (call) => send(withNonce(await handle(call as Parameters<typeof handle>[0]))),
      }),
      {
        ...row,
        name: `${row.name}ByGet`,
        method: 'GET',
        permission: 'public',
        errors,
        documented: false,
        handle: () => Promise.reject(postAsGet()),
      },
    ],
    get: ({ handle, ...row }) =>
      withDescribedPath({
        ...row,
        method: 'GET',
        permission: 'public',
        errors,
        handle: async (call) => send(await handle(call as Parameters<typeof handle>[0])),
      }),
    newNonce: {
      name: 'acmeNewNonce',
      method: 'GET',
      path: PATHS.newNonce,
      permission: 'public',
      summary: 'Get a nonce (RFC 8555 §7.2)',
      answers: { 200: null, 204: null },
      errors,
      handle: ({ method }) => send(withNonce(method === 'HEAD' ? {} : { status: 204 })),
    },
  };
}

/**
 * The checked payload. Ignores unknown members, and members that are `null` (RFC 8555 §7.1). Throws
 * `malformed`.
 */
export function readPayload<T extends z.ZodType>(schema: T, request: { payload: Buffer }): z.output<T> {
  const payload = jsonPayload(request);
  const result = schema.safeParse(payload);
  if (result.success) return result.data;
  const [issue] = schema.safeParse(payload, { reportInput: true }).error?.issues ?? [];
  throw new AcmeError(
    'malformed',
    issue ? problemWithMember(issue, 'The payload') : 'The payload is not valid.',
  );
}

export function isPostAsGet({ payload }: { payload: Buffer }): boolean {
  return payload.length === 0;
}

/** Throws `malformed` if the request is not a POST-as-GET (RFC 8555 §6.3). */
export function requirePostAsGet(request: { payload: Buffer }): void {
  if (isPostAsGet(request)) return;
  throw new AcmeError('malformed', 'Read this with POST-as-GET: the payload must be empty.');
}

function postAsGet(): AcmeError {
  return new AcmeError('malformed', 'Read this with POST-as-GET (RFC 8555 §6.3).', {
    status: 405,
    headers: { allow: 'POST' },
  });
}
