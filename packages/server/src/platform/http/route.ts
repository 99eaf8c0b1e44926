// Routes of the control plane are data. A row describes the request, the permission that it needs, and the
// answers. Validation, the OpenAPI document and the types of the handler all come from the row.
import type { PresentedCertificate, Principal, StepUpRequirement } from '@gatehouse/access';
import { GatehouseError } from '@gatehouse/access';
import type { z } from 'zod';
import type { Actor } from '../feed/events.ts';
import type { Answer, AnswerOf, Answers } from './answer.ts';
import type { BodyOf, BodySpec } from './body.ts';

export interface Route {
  /** The unique name of the route in the OpenAPI document, such as `createUser`. */
  name: string;
  /** `ANY` matches every method. */
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS' | 'ANY';
  /** A path in Hono's syntax: `/admin/users/:name`. */
  path: string;
  /** The permission that the caller needs, as `capability:Action`. `public` needs no credential. */
  permission: `${string}:${string}` | 'public';
  /** The required strength and age of a person's sign-in; default: `AppDeps.requirement`. */
  require?: StepUpRequirement;
  /** For people: a few words, such as "Create a user". */
  summary: string;
  /** For people: details beyond the summary. */
  description?: string;
  /** The parameters of the path; required if the path has any. */
  params?: z.ZodObject | undefined;
  /** The query string. Without it the query is ignored. */
  query?: z.ZodObject | undefined;
  /** The body: the schema of its JSON, a form, or octets. Without it the body is not read. */
  body?: BodySpec | undefined;
  answers: Answers;
  /** The form of errors, if a standard defines one. Otherwise they are problem documents (RFC 9457). */
  errors?: ErrorForm;
  /** False for routes that do not belong in the OpenAPI document, such as static files. */
  documented?: boolean;
  handle(call: Call): Promise<Answer> | Answer;
}

export interface ErrorForm {
  mediaType: string;
  schema: z.ZodType;
  answer(error: unknown, requestId: string): Answer;
}

/** A row as it is written: the schemas give the handler's call and its answer their types. */
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

/** The output type of a schema; undefined without a schema. */
export type OutputOf<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

export interface Call<Params = unknown, Query = unknown, Body = unknown> {
  /** As it was sent: HEAD, even if the route for GET answers it. */
  method: string;
  /** The path and query as they were sent. */
  target: string;
  /** The path that matched, decoded. Encoded slashes stay encoded. */
  path: string;
  /** The parameters of the path. */
  params: Params;
  /** The parameters of the query. None comes twice. */
  query: Query;
  body: Body;
  /** A header field; the name is case-insensitive. */
  header(name: string): string | undefined;
  /** The caller; undefined on a public route. */
  principal: Principal | undefined;
  /** The client's certificate in DER. TLS has verified that the client has its key, but not who issued it. */
  clientCertificate(): Uint8Array | undefined;
  /** The client's certificate as a credential, or the reason why it is refused. */
  presented(): PresentedCertificate | undefined;
  /** The peer's IP address, or `socket`. */
  address: string;
  requestId: string;
  /** Aborts when the connection closes before the answer was sent. */
  signal(): AbortSignal;
}

/** Creates a route from a row. */
export function route<
  const Possible extends Answers,
  Params extends z.ZodObject | undefined = undefined,
  Query extends z.ZodObject | undefined = undefined,
  Body extends BodySpec | undefined = undefined,
>(row: RouteRow<Params, Query, Body, Possible>): Route {
  return withDescribedPath(row as Route);
}

/** Throws a `TypeError` if the row does not describe exactly the parameters of the path. */
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

/** The actor for the ledger. Throws `unauthenticated` on a public route. */
export function actorOf(call: Pick<Call, 'principal' | 'address'>): Actor {
  if (!call.principal) throw new GatehouseError('unauthenticated', 'Sign in first.');
  const { kind, name } = call.principal;
  return { kind, name, address: call.address };
}
