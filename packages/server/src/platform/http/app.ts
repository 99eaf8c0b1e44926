// The control plane's HTTP application: from Node's request to the answer of a route's handler. It
// authenticates, evaluates the policy, validates, calls the handler, and turns errors into problems (RFC
// 9457).
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type {
  ClaimedCredential,
  Clock,
  Decision,
  ErrorCode,
  Policy,
  Principal,
  StepUpRequirement,
} from '@gatehouse/access';
import {
  claimedCredential,
  GatehouseError,
  numericDate,
  PROBLEM_MEDIA_TYPE,
  problemFrom,
  recordedPath,
  requireStrength,
  stepUpChallenge,
} from '@gatehouse/access';
import { presentedCertificate } from '../listening/client-certificate.ts';
import type { Log } from '../log/log.ts';
import type { Answer } from './answer.ts';
import { parseBody, readBody } from './body.ts';
import type { Call, Route } from './route.ts';
import type { Found } from './router.ts';
import { createRouter } from './router.ts';
import { parseUrlEncoded } from './url-encoded.ts';
import { check } from './validation.ts';

export interface AppDeps {
  log: Log;
  clock: Pick<Clock, 'now'>;
  /** The caller, or undefined without a credential. Throws for an invalid credential. */
  authenticate(call: Presenting): Promise<Principal | undefined>;
  /** The caller as of now, for a call that was authenticated before. Throws if the credential was revoked. */
  current(principal: Principal, call: Presenting): Principal;
  /** The challenge of a 401 with this code (RFC 9110 §11.6.1). */
  challenge(code: ErrorCode): string;
  /** The nonce for the client's next DPoP proof (RFC 9449 §9). */
  dpopNonce?(): string | undefined;
  /** Decides on every route that is not public. */
  policy: Policy;
  /** How people must have signed in for acts with this permission; default: in any way. */
  requirement?: (permission: Route['permission']) => StepUpRequirement | undefined;
  /** Records a refusal before it is answered. */
  refused(refusal: Refusal): Promise<void>;
}

/** The parts of a call that authentication reads. */
export type Presenting = Pick<Call, 'header' | 'address' | 'method' | 'target' | 'presented'>;

export interface Refusal {
  principal: Principal | undefined;
  permission: string;
  code: string;
  /** Why the policy denied it. The caller never sees it. */
  reason?: string | undefined;
  /** The ids of the policies that denied it; none if no policy permits it. */
  policies?: readonly string[] | undefined;
  /** The description of the credential. */
  claimed: ClaimedCredential;
  method: string;
  path: string;
  address: string;
  requestId: string;
}

export interface App {
  /** Answers every request. Never rejects because of a client's or a handler's error. */
  answer(incoming: IncomingMessage): Promise<FinishedAnswer>;
}

/** An answer with its JSON already encoded. */
export interface FinishedAnswer extends Pick<Answer, 'status' | 'body' | 'takeOver'> {
  headers: Record<string, string | string[]>;
  /** The answer if `takeOver` fails before it has sent any. */
  failed?(error: unknown): FinishedAnswer;
}

export function createApp(routes: readonly Route[], deps: AppDeps): App {
  const router = createRouter(routes);
  return {
    async answer(incoming) {
      const requestId = randomUUID();
      let errors: Route['errors'];
      const failed = (error: unknown) =>
        finished(
          errors?.answer(error, requestId) ?? problemAnswer(error, { incoming, requestId }, deps),
          requestId,
        );
      try {
        requireHost(incoming);
        const found = router.find(incoming.method ?? 'GET', incoming.url ?? '/');
        errors = found.route.errors;
        const answer = finished(await serveRoute(found, { incoming, requestId }, deps), requestId);
        return answer.takeOver ? { ...answer, failed } : answer;
      } catch (error) {
        return failed(error);
      }
    },
  };
}

/** RFC 9112 §3.2. Any host is accepted, because the listener decides what is served, not the host. */
function requireHost(incoming: IncomingMessage): void {
  const { host = [] } = incoming.headersDistinct;
  if (host.length === 1 && /^[\w.:[\]-]+$/.test(host[0] ?? '')) return;
  throw new GatehouseError('bad_request', 'Send one Host field, with the name of a host.');
}

interface Received {
  incoming: IncomingMessage;
  requestId: string;
}

/**
 * A body may arrive very slowly. So the caller is authorised again when it has arrived: a user who was
 * removed meanwhile must not act.
 */
async function serveRoute(found: Found, received: Received, deps: AppDeps): Promise<Answer> {
  const { route } = found;
  const { incoming } = received;
  const call = callFrom(received, found.path);
  const isPublic = route.permission === 'public';
  if (!isPublic) await admit(call, found, deps);
  if (route.body) {
    const octets = await readBody(incoming, route.body);
    if (!isPublic) await admit(call, found, deps);
    call.body = parseBody(octets, route.body);
  }
  if (route.params) call.params = check(route.params, found.params, 'The path');
  if (route.query) call.query = check(route.query, queryOf(found), 'The query');
  return route.handle(call);
}

/** Refuses a parameter that comes twice, because the server must not guess which one is meant. */
function queryOf({ query }: Found): Record<string, string> {
  const values = new Map<string, string>();
  for (const [name, value] of parseUrlEncoded(query, 'The query')) {
    if (values.has(name)) {
      throw new GatehouseError('bad_request', 'The query has a parameter more than once: send it once.');
    }
    values.set(name, value);
  }
  return Object.fromEntries(values);
}

/** Throws `unauthenticated`, `forbidden` or the error of the credential. Records each refusal first. */
async function admit(call: Call, found: Found, deps: AppDeps): Promise<void> {
  let denied: Decision | undefined;
  try {
    // Some credentials are accepted only once, so the check after the body does not present them again.
    call.principal = call.principal ? deps.current(call.principal, call) : await deps.authenticate(call);
    denied = denial(call, found, deps);
  } catch (error) {
    await refuse(call, found, deps, { code: error instanceof GatehouseError ? error.code : 'internal' });
    throw error;
  }
  if (!denied) return;
  const { reason, policies } = denied;
  await refuse(call, found, deps, { code: 'forbidden', reason, policies });
  throw new GatehouseError(
    'forbidden',
    `You are not allowed to do this: it requires the permission ${found.route.permission}.`,
  );
}

/** The decision that denies the call; undefined if the policy allows it. */
function denial(call: Call, found: Found, deps: AppDeps): Decision | undefined {
  const { route, path, params } = found;
  const { policy, clock } = deps;
  const { principal, method, address, requestId } = call;
  if (!principal) {
    throw new GatehouseError(
      'unauthenticated',
      'Send an access token or an API key: Authorization: Bearer ….',
    );
  }
  const decision = policy.decide({
    principal,
    action: route.permission,
    resource: { id: path, attributes: params },
    context: { method, path, params: new Map(Object.entries(params)), address, time: clock.now(), requestId },
  });
  if (!decision.allowed) return decision;
  requireSignIn(principal, found.route, deps);
  return undefined;
}

/** Services have one factor, and the operator on the Unix socket has the rights of our account. */
function requireSignIn(principal: Principal, route: Route, { requirement, clock }: AppDeps): void {
  const required = route.require ?? requirement?.(route.permission);
  if (required && principal.kind === 'user') requireStrength(principal, required, numericDate(clock));
}

function refuse(
  { principal, header, method, path, address, requestId }: Call,
  { route }: Found,
  deps: AppDeps,
  why: Pick<Refusal, 'code' | 'reason' | 'policies'>,
): Promise<void> {
  const claimed = claimedCredential({ authorization: header('authorization'), apiKey: header('x-api-key') });
  const what = { permission: route.permission, method, path: recordedPath(path) };
  return deps.refused({ principal, claimed, ...what, ...why, address, requestId });
}

function finished({ status, headers, json, body, takeOver }: Answer, requestId: string): FinishedAnswer {
  return {
    status,
    headers: { ...headers, 'x-request-id': requestId, 'x-content-type-options': 'nosniff' },
    body: json === undefined ? body : JSON.stringify(json),
    ...(takeOver && { takeOver }),
  };
}

function callFrom({ incoming, requestId }: Received, path: string): Call {
  const { socket } = incoming;
  return {
    method: incoming.method ?? 'GET',
    target: incoming.url ?? '/',
    path,
    params: undefined,
    query: undefined,
    body: undefined,
    header: (name) => headerOf(incoming, name),
    principal: undefined,
    clientCertificate: () => clientCertificateOf(socket),
    presented: () => (socket instanceof TLSSocket ? presentedCertificate(socket) : undefined),
    address: socket.remoteAddress ?? 'socket',
    requestId,
    signal: () => closedSignal(socket),
  };
}

function clientCertificateOf(socket: Socket): Uint8Array | undefined {
  return socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.raw : undefined;
}

/** Fields that came more than once are joined, so that none of them is overlooked. */
function headerOf({ headersDistinct }: IncomingMessage, name: string): string | undefined {
  return headersDistinct[name.toLowerCase()]?.join(', ');
}

function closedSignal(socket: Socket): AbortSignal {
  const controller = new AbortController();
  if (socket.destroyed) controller.abort();
  else socket.once('close', () => controller.abort());
  return controller.signal;
}

type ProblemDeps = Pick<AppDeps, 'log' | 'challenge' | 'dpopNonce'>;

function problemAnswer(error: unknown, { incoming, requestId }: Received, deps: ProblemDeps): Answer {
  const problem = problemFrom(error, requestId);
  const { status } = problem;
  if (status >= 500) deps.log.event('control.request_failed', { error, requestId });
  return {
    status,
    headers: {
      'content-type': PROBLEM_MEDIA_TYPE,
      'cache-control': 'no-store',
      ...(status === 401 && { 'www-authenticate': challengeFor(error, problem.code, { incoming, deps }) }),
      ...(problem.code === 'dpop_nonce_required' && { 'dpop-nonce': deps.dpopNonce?.() ?? '' }),
      ...(problem.allow && { allow: problem.allow.join(', ') }),
      ...(status === 429 && { 'retry-after': String(retryAfterSeconds(error)) }),
    },
    json: problem,
  };
}

function challengeFor(
  error: unknown,
  code: ErrorCode,
  { incoming, deps }: { incoming: IncomingMessage; deps: ProblemDeps },
): string {
  const requirement = error instanceof GatehouseError ? error.requirement : undefined;
  if (!requirement) return deps.challenge(code);
  const isProven = /^dpop /i.test(headerOf(incoming, 'authorization') ?? '');
  return stepUpChallenge(requirement, isProven ? 'DPoP' : 'Bearer');
}

const RETRY_AFTER_SECONDS = 2;

function retryAfterSeconds(error: unknown): number {
  return (error instanceof GatehouseError ? error.retryAfterSeconds : undefined) ?? RETRY_AFTER_SECONDS;
}
