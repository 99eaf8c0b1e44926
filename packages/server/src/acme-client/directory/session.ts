// A session with an ACME directory (RFC 8555 §6, §7.1): its resources, and requests signed by the account
// key. If the directory refuses a nonce, the request is sent again with a new one (§6.5).
import type { KeyObject } from 'node:crypto';
import { createPublicKey } from 'node:crypto';
import type { JWK } from 'jose';
import { calculateJwkThumbprint, FlattenedSign } from 'jose';
import { OrderFailure, oneLine, problemFrom } from '../failure.ts';
import type { Exchange, Https } from './https.ts';
import { retryTime } from './retry-after.ts';

/** The resources that we use (RFC 8555 §7.1.1, RFC 9773 §3). */
export interface Directory {
  newNonce: string;
  newAccount: string;
  newOrder: string;
  renewalInfo: string | undefined;
  termsOfService: string | undefined;
  /** The names of its profiles; undefined if it offers none. */
  profiles: readonly string[] | undefined;
}

export interface Answer {
  status: number;
  /** The JSON object of the answer; empty if it is no JSON object. */
  body: Readonly<Record<string, unknown>>;
  text: string;
  location: string | undefined;
  /** Milliseconds since the epoch. */
  retryAt: number | undefined;
}

export interface Session {
  readonly jwk: JWK;
  /** The thumbprint of the account key (RFC 7638), a part of every key authorization. */
  readonly thumbprint: string;
  directory(): Promise<Directory>;
  /**
   * Signs and posts. Without a payload it is a POST-as-GET. Throws `OrderFailure` for a problem.
   * `kid` is the URL of the account; without it, the key itself identifies us.
   */
  post(url: string, request: { payload?: object; kid?: string; accept?: string }): Promise<Answer>;
  /** Sends an unsigned request, for resources that anyone may read. */
  get(url: string): Promise<Answer>;
}

export interface SessionDeps {
  https: Https;
  now(): number;
  signal: AbortSignal;
}

const MAX_ATTEMPTS = 20;
const ALGORITHM = 'ES256';

/** `key` is a private key of P-256. */
export async function openSession(
  deps: SessionDeps,
  { directoryUrl, key }: { directoryUrl: string; key: KeyObject },
): Promise<Session> {
  const { https, now, signal } = deps;
  const jwk = createPublicKey(key).export({ format: 'jwk' }) as JWK;
  const nonces: string[] = [];
  let known: Promise<Directory> | undefined;

  async function readDirectory(): Promise<Directory> {
    return directoryFrom(directoryUrl, await get(directoryUrl));
  }

  function directory(): Promise<Directory> {
    known ??= readDirectory();
    return known;
  }

  function answerOf(exchange: Exchange): Answer {
    const nonce = exchange.headers['replay-nonce'];
    if (typeof nonce === 'string') nonces.push(nonce);
    const { status, headers, body: text } = exchange;
    return {
      status,
      body: jsonObject(text),
      text,
      location: headers.location,
      retryAt: retryTime(headers['retry-after'], now()),
    };
  }

  async function get(url: string): Promise<Answer> {
    const answer = answerOf(await https.send({ method: 'GET', url }, signal));
    requireSuccess(url, answer);
    return answer;
  }

  async function nonce(): Promise<string> {
    const kept = nonces.pop();
    if (kept !== undefined) return kept;
    const { newNonce } = await directory();
    answerOf(await https.send({ method: 'HEAD', url: newNonce }, signal));
    const fresh = nonces.pop();
    if (fresh === undefined) throw new OrderFailure(`${newNonce} does not return a nonce (RFC 8555 §7.2).`);
    return fresh;
  }

  async function sign(url: string, payload: object | undefined, kid: string | undefined): Promise<string> {
    const octets =
      payload === undefined ? new Uint8Array() : new TextEncoder().encode(JSON.stringify(payload));
    const identity = kid === undefined ? { jwk } : { kid };
    const header = { alg: ALGORITHM, nonce: await nonce(), url, ...identity };
    return JSON.stringify(await new FlattenedSign(octets).setProtectedHeader(header).sign(key));
  }

  return {
    jwk,
    thumbprint: await calculateJwkThumbprint(jwk),
    directory,
    get,
    async post(url, { payload, kid, accept }) {
      for (let attempt = 1; ; attempt += 1) {
        const body = await sign(url, payload, kid);
        const request = { method: 'POST', url, body, ...(accept !== undefined && { accept }) } as const;
        const answer = answerOf(await https.send(request, signal));
        if (attempt < MAX_ATTEMPTS && problemFrom(answer.body)?.type === 'badNonce') continue;
        requireSuccess(url, answer);
        return answer;
      }
    },
  };
}

function jsonObject(text: string): Answer['body'] {
  if (!/^\s*\{/.test(text)) return {};
  try {
    return JSON.parse(text) as Answer['body'];
  } catch {
    return {};
  }
}

function requireSuccess(url: string, { status, body, retryAt, text, location }: Answer): void {
  if (status >= 200 && status < 300) return;
  const problem = problemFrom(body);
  const detail = problem ? `${problem.detail} (${problem.type})` : oneLine(text.slice(0, 200));
  const isRedirect = status < 400 && location !== undefined;
  const said = isRedirect ? `it redirects to ${oneLine(location)}, and redirects are not followed` : detail;
  throw new OrderFailure(`${url} answers ${status}${said && ': '}${said}`, { type: problem?.type, retryAt });
}

function directoryFrom(url: string, { body }: Answer): Directory {
  const required = (name: string): string => {
    const value = body[name];
    if (typeof value === 'string') return value;
    throw new OrderFailure(`${url} is not an ACME directory: it has no ${name} (RFC 8555 §7.1.1).`);
  };
  const { termsOfService, profiles } = Object(body.meta) as Record<string, unknown>;
  return {
    newNonce: required('newNonce'),
    newAccount: required('newAccount'),
    newOrder: required('newOrder'),
    renewalInfo: typeof body.renewalInfo === 'string' ? body.renewalInfo : undefined,
    termsOfService: typeof termsOfService === 'string' ? oneLine(termsOfService) : undefined,
    profiles: typeof profiles === 'object' && profiles !== null ? Object.keys(profiles) : undefined,
  };
}
