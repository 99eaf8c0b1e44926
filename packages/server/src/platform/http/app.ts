// The control plane's HTTP application: route tables become a Hono app. Authenticates, asks for the permission, calls the
// handler, and turns what it throws into a problem (RFC 9457).
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Context } from 'hono';
import { Hono } from 'hono';
import type { z } from 'zod';
import { GatehouseError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Principal } from '../principal.ts';
import { challengeFor, PROBLEM_MEDIA_TYPE, problemFrom } from '../problem.ts';
import type { Call, Route } from './route.ts';

export interface AppDeps {
  log: Log;
  /** The caller, or undefined without a credential; throws for a bad one. */
  authenticate(header: Call['header']): Promise<Principal | undefined>;
  /** Throws unless `principal` may. */
  authorize(principal: Principal | undefined, permission: string): void;
  /** Told of every refusal before it is answered. */
  refused(refusal: Refusal): Promise<void>;
}

export interface Refusal {
  principal: Principal | undefined;
  permission: string;
  code: string;
  address: string;
  requestId: string;
}

type Env = { Bindings: { incoming: IncomingMessage }; Variables: { requestId: string } };

const BODY_LIMIT_BYTES = 256 * 1024;

export function createApp(routes: Route[], deps: AppDeps): Hono<Env> {
  const app = new Hono<Env>();
  app.use(async (context, next) => {
    context.set('requestId', randomUUID());
    await next();
  });
  for (const route of routes) app.on(route.method, route.path, (context) => serveRoute(route, context, deps));
  for (const path of new Set(routes.map((route) => route.path))) {
    const allow = allowedMethods(routes, path);
    app.all(path, ({ req }) => {
      throw new GatehouseError('method_not_allowed', `${req.method} is not offered here.`, { allow });
    });
  }
  const nothing = new GatehouseError('not_found', 'There is nothing at this path.');
  app.notFound((context) => problemResponse(nothing, context, deps.log));
  app.onError((error, context) => problemResponse(error, context, deps.log));
  return app;
}

function allowedMethods(routes: Route[], path: string): string[] {
  const offered = routes.filter((route) => route.path === path).map(({ method }) => method);
  return offered.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
}

async function serveRoute(route: Route, context: Context<Env>, deps: AppDeps): Promise<Response> {
  const requestId = context.get('requestId');
  const call = callFrom(context, route.permission === 'public' ? async () => {} : admit);

  async function admit(): Promise<void> {
    try {
      call.principal = await deps.authenticate(call.header);
      deps.authorize(call.principal, route.permission);
    } catch (error) {
      const code = error instanceof GatehouseError ? error.code : 'internal';
      const { principal, address } = call;
      await deps.refused({ principal, permission: route.permission, code, address, requestId });
      throw error;
    }
  }

  if (route.permission !== 'public') await admit();
  return identified(await route.handle(call), requestId);
}

/** Set on the answer itself: Hono would copy the whole of it for each header that comes later. */
function identified(response: Response, requestId: string): Response {
  response.headers.set('x-request-id', requestId);
  response.headers.set('x-content-type-options', 'nosniff');
  return response;
}

/**
 * A body may be held back for as long as its sender likes: `admitted` is asked again once it is there, lest somebody who was
 * removed meanwhile still acts.
 */
function callFrom(context: Context<Env>, admitted: () => Promise<void>): Call {
  // Node's own request is read, and not the web's that stands for it: that one costs more than most handlers.
  const { incoming } = context.env;
  const { socket } = incoming;
  return {
    method: context.req.method,
    param: (name) => context.req.param(name) ?? '',
    query: (schema) => check(schema, context.req.query()),
    async body(schema) {
      const value = await readJson(incoming);
      await admitted();
      return check(schema, value);
    },
    async octets(mediaType, maxBytes = BODY_LIMIT_BYTES) {
      const octets = await readOctets(incoming, mediaType, maxBytes);
      await admitted();
      return octets;
    },
    header: (name) => headerOf(incoming, name),
    target: incoming.url ?? '/',
    clientCertificate: clientCertificateOf(socket),
    principal: undefined,
    address: socket.remoteAddress ?? 'socket',
    requestId: context.get('requestId'),
  };
}

function clientCertificateOf(socket: Socket): Uint8Array | undefined {
  return socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.raw : undefined;
}

/** Fields that came twice are joined, so that the second is not overlooked. */
function headerOf({ headersDistinct }: IncomingMessage, name: string): string | undefined {
  return headersDistinct[name.toLowerCase()]?.join(', ');
}

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const octets = await readOctets(incoming, 'application/json', BODY_LIMIT_BYTES);
  try {
    return JSON.parse(octets.toString('utf8'));
  } catch (error) {
    throw new GatehouseError('bad_request', 'The body is not valid JSON.', { cause: error });
  }
}

function check<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue && issue.path.length > 0 ? `${issue.path.join('.')}: ` : '';
  throw new GatehouseError('unprocessable', `${where}${issue?.message ?? 'not valid'}.`);
}

async function readOctets(incoming: IncomingMessage, mediaType: string, maxBytes: number): Promise<Buffer> {
  const sent = headerOf(incoming, 'content-type')?.split(';')[0]?.trim().toLowerCase();
  if (sent !== mediaType) {
    throw new GatehouseError('unsupported_media_type', `Send it with Content-Type: ${mediaType}.`);
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= maxBytes) return;
      incoming.off('data', take).pause();
      reject(new GatehouseError('content_too_large', `A body here has at most ${maxBytes} bytes.`));
    };
    incoming.on('data', take);
    const breakOff = () => reject(new GatehouseError('bad_request', 'The body ended early.'));
    incoming.once('close', breakOff);
    incoming.once('end', () => {
      incoming.off('close', breakOff);
      resolve(Buffer.concat(chunks));
    });
  });
}

function problemResponse(error: unknown, context: Context<Env>, log: Log): Response {
  const problem = problemFrom(error, context.get('requestId'));
  if (problem.status >= 500) log.error({ err: error, requestId: problem.request_id }, 'request failed');
  const headers = new Headers({ 'content-type': PROBLEM_MEDIA_TYPE, 'cache-control': 'no-store' });
  if (problem.status === 401) headers.set('www-authenticate', challengeFor(problem));
  if (problem.allow) headers.set('allow', problem.allow.join(', '));
  if (problem.status === 429) headers.set('retry-after', '2');
  return identified(
    new Response(JSON.stringify(problem), { status: problem.status, headers }),
    problem.request_id,
  );
}
