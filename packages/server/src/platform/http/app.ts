// The control plane's HTTP application: from Node's request to the answer of a route's handler. Authenticates, asks for the
// permission, calls the handler, and turns what it throws into a problem (RFC 9457).
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { z } from 'zod';
import { GatehouseError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Principal } from '../principal.ts';
import { challengeFor, PROBLEM_MEDIA_TYPE, problemFrom } from '../problem.ts';
import type { Answer, Call, Route } from './route.ts';
import type { Found } from './router.ts';
import { createRouter } from './router.ts';

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

export interface App {
  /** Answers whatever comes; never rejects for what a client or a handler does. */
  answer(incoming: IncomingMessage): Promise<Answer>;
}

const BODY_LIMIT_BYTES = 256 * 1024;

export function createApp(routes: Route[], deps: AppDeps): App {
  const router = createRouter(routes);
  return {
    async answer(incoming) {
      const requestId = randomUUID();
      try {
        requireHost(incoming);
        const found = router.find(incoming.method ?? 'GET', incoming.url ?? '/');
        return identified(await serveRoute(found, { incoming, requestId }, deps), requestId);
      } catch (error) {
        return identified(problemAnswer(error, requestId, deps.log), requestId);
      }
    },
  };
}

/** RFC 9112 §3.2. Which host it is does not matter: what is answered depends on the listener alone. */
function requireHost(incoming: IncomingMessage): void {
  const { host = [] } = incoming.headersDistinct;
  if (host.length === 1 && /^[\w.:[\]-]+$/.test(host[0] ?? '')) return;
  throw new GatehouseError('bad_request', 'Send one Host field, with the name of a host.');
}

interface Received {
  incoming: IncomingMessage;
  requestId: string;
}

async function serveRoute(found: Found, received: Received, deps: AppDeps): Promise<Answer> {
  const { route } = found;
  const call = callFrom(found, received, route.permission === 'public' ? async () => {} : admit);

  async function admit(): Promise<void> {
    try {
      call.principal = await deps.authenticate(call.header);
      deps.authorize(call.principal, route.permission);
    } catch (error) {
      const code = error instanceof GatehouseError ? error.code : 'internal';
      const { principal, address, requestId } = call;
      await deps.refused({ principal, permission: route.permission, code, address, requestId });
      throw error;
    }
  }

  if (route.permission !== 'public') await admit();
  return route.handle(call);
}

function identified(answer: Answer, requestId: string): Answer {
  const headers = { ...answer.headers, 'x-request-id': requestId, 'x-content-type-options': 'nosniff' };
  return { ...answer, headers };
}

/**
 * A body may be held back for as long as its sender likes: `admitted` is asked again once it is there, lest somebody who was
 * removed meanwhile still acts.
 */
function callFrom(found: Found, { incoming, requestId }: Received, admitted: () => Promise<void>): Call {
  const { socket } = incoming;
  return {
    method: incoming.method ?? 'GET',
    param: found.param,
    query: (schema) => check(schema, found.query()),
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
    clientCertificate: () => clientCertificateOf(socket),
    principal: undefined,
    address: socket.remoteAddress ?? 'socket',
    requestId,
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
      // What arrives in one turn of the event loop is read first and answered then: caches hold either code, not both.
      setImmediate(() => resolve(Buffer.concat(chunks)));
    });
  });
}

function problemAnswer(error: unknown, requestId: string, log: Log): Answer {
  const problem = problemFrom(error, requestId);
  const { status } = problem;
  if (status >= 500) log.error({ err: error, requestId }, 'request failed');
  return {
    status,
    headers: {
      'content-type': PROBLEM_MEDIA_TYPE,
      'cache-control': 'no-store',
      ...(status === 401 && { 'www-authenticate': challengeFor(problem) }),
      ...(problem.allow && { allow: problem.allow.join(', ') }),
      ...(status === 429 && { 'retry-after': '2' }),
    },
    body: JSON.stringify(problem),
  };
}
