// Routes of the control plane are tables; this is the shape of a row, and of what its handler is given and gives back.
import type { z } from 'zod';
import { GatehouseError } from '../errors.ts';
import type { Actor } from '../events.ts';
import type { Principal } from '../principal.ts';

export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** A path in Hono's syntax: `/admin/users/:name`. */
  path: string;
  /** What the caller must be allowed to do, `capability:Action`; `public` asks nothing. */
  permission: `${string}:${string}` | 'public';
  handle(call: Call): Promise<Answer> | Answer;
}

export interface Call {
  /** As it was sent: HEAD where the route for GET answers it. */
  method: string;
  /** A path parameter, decoded. */
  param(name: string): string;
  /** The query string, checked. Throws `unprocessable`. */
  query<T extends z.ZodType>(schema: T): z.output<T>;
  /** The JSON body, checked. Throws `bad_request`, `unsupported_media_type`, `content_too_large` or `unprocessable`. */
  body<T extends z.ZodType>(schema: T): Promise<z.output<T>>;
  /** The body as it came. Throws `unsupported_media_type` for another type than this one, `content_too_large`. */
  octets(mediaType: string, maxBytes?: number): Promise<Uint8Array>;
  /** A header field; the name is case-insensitive. */
  header(name: string): string | undefined;
  /** The path and query as they were sent. */
  target: string;
  /** Who calls; undefined where nobody had to say. */
  principal: Principal | undefined;
  /** The client's certificate in DER. TLS has shown that the client has its key; who issued it is not judged here. */
  clientCertificate(): Uint8Array | undefined;
  /** The peer's IP address, or `socket`. */
  address: string;
  requestId: string;
}

/** What a handler gives back; the length of the body is added. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  /** Text is sent in UTF-8. */
  body?: string | Uint8Array | undefined;
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Answer {
  return {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}

export function noContent(): Answer {
  return { status: 204, headers: {} };
}

/** Who did it, for the ledger. Throws `unauthenticated` on a route where nobody had to say who they are. */
export function actorOf(call: Call): Actor {
  if (!call.principal) throw new GatehouseError('unauthenticated', 'Sign in first.');
  const { kind, name } = call.principal;
  return { kind, name, address: call.address };
}
