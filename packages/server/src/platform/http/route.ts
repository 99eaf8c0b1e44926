// Routes of the control plane are data: a row says what a request must look like, who may send it, and what the answers look
// like. Validation, the OpenAPI document and the types of the handler all come from the row.
import type { z } from 'zod';
import { GatehouseError } from '../errors.ts';
import type { Actor } from '../events.ts';
import type { Principal } from '../principal.ts';
import type { Answer, AnswerOf, Answers } from './answer.ts';
import type { BodyOf, BodySpec } from './body.ts';

export interface Route {
  /** Stands for the route in the OpenAPI document, such as `createUser`; no other route has it. */
  name: string;
  /** `ANY` takes every method. */
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'ANY';
  /** A path in Hono's syntax: `/admin/users/:name`. */
  path: string;
  /** What the caller must be allowed to do, `capability:Action`; `public` asks nothing. */
  permission: `${string}:${string}` | 'public';
  /** For people: a few words, such as "Create a user". */
  summary: string;
  /** For people: what the summary does not say. */
  description?: string;
  /** The parameters of the path; required where the path has any. */
  params?: z.ZodObject | undefined;
  /** The query string; without it the query is ignored. */
  query?: z.ZodObject | undefined;
  /** The body: the schema of its JSON, a form, or octets; without it the body is not read. */
  body?: BodySpec | undefined;
  answers: Answers;
  /** How errors look where a standard has its own form; otherwise they are problem documents (RFC 9457). */
  errors?: ErrorForm;
  /** False for what does not belong in the OpenAPI document, such as static files. */
  documented?: boolean;
  handle(call: Call): Promise<Answer> | Answer;
}

export interface ErrorForm {
  mediaType: string;
  schema: z.ZodType;
  answer(error: unknown, requestId: string): Answer;
}

/** A row as it is written: the handler's call and its answer have the types that the schemas say. */
export interface RouteRow<
  Params extends z.ZodObject | undefined,
  Query extends z.ZodObject | undefined,
  Body extends BodySpec | undefined,
  Possible extends Answers,
> extends Omit<Route, 'params' | 'query' | 'body' | 'answers' | 'handle'> {
  params?: Params;
  query?: Query;
  body?: Body;
  answers: Possible;
  handle(
    call: Call<OutputOf<Params>, OutputOf<Query>, BodyOf<Body>>,
  ): Promise<AnswerOf<Possible>> | AnswerOf<Possible>;
}

/** What a schema gives; undefined where there is no schema. */
export type OutputOf<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export interface Call<Params = unknown, Query = unknown, Body = unknown> {
  /** As it was sent: HEAD where the route for GET answers it. */
  method: string;
  /** The path and query as they were sent. */
  target: string;
  /** The path that matched: decoded, but for what would separate segments. */
  path: string;
  /** The parameters of the path. */
  params: Params;
  /** The parameters of the query; of those that repeat, the last. */
  query: Query;
  body: Body;
  /** A header field; the name is case-insensitive. */
  header(name: string): string | undefined;
  /** Who calls; undefined on a public route. */
  principal: Principal | undefined;
  /** The client's certificate in DER. TLS has shown that the client has its key; who issued it was not checked. */
  clientCertificate(): Uint8Array | undefined;
  /** The peer's IP address, or `socket`. */
  address: string;
  requestId: string;
  /** Aborts when the connection closes before the answer was sent. */
  signal(): AbortSignal;
}

/**
 * Makes a route of a row.
 *
 * @example
 * route({
 *   name: 'removeUser',
 *   method: 'DELETE',
 *   path: '/admin/users/:name',
 *   permission: 'identity:RemoveUser',
 *   summary: 'Remove a user',
 *   params: z.object({ name: z.string() }),
 *   answers: { 204: null },
 *   handle: async ({ params }) => {
 *     await users.remove(params.name);
 *     return noContent();
 *   },
 * });
 */
export function route<
  const Possible extends Answers,
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Body extends BodySpec | undefined = undefined,
>(row: RouteRow<Params, Query, Body, Possible>): Route {
  return withDescribedPath(row as Route);
}

/** Throws a `TypeError` unless the parameters of the path are those that the row describes. */
export function withDescribedPath(route: Route): Route {
  const named = parametersOf(route.path).sort().join();
  const described = Object.keys(route.params?.shape ?? {})
    .sort()
    .join();
  if (named === described) return route;
  throw new TypeError(`${route.name}: the path has the parameters "${named}", its schema "${described}"`);
}

/** The names of the parameters of a path. */
export function parametersOf(path: string): string[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
}

/** Who did it, for the ledger. Throws `unauthenticated` on a public route. */
export function actorOf(call: Pick<Call, 'principal' | 'address'>): Actor {
  if (!call.principal) throw new GatehouseError('unauthenticated', 'Sign in first.');
  const { kind, name } = call.principal;
  return { kind, name, address: call.address };
}
