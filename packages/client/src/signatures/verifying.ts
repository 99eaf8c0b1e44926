// The step that verifies signed answers (RFC 9421), for Node and for browsers. An answer is held in memory:
// the program gets no part of it before it is verified.
import type { JsonKey } from '@gatehouse/protocol';
import { MessageSignatureError } from '@gatehouse/protocol';
import { SignatureError } from '../http/errors.ts';
import { failureOf } from '../http/failures.ts';
import { atStage, type HttpRequest, type Middleware, type Next } from '../http/middleware.ts';
import { discard } from '../http/response.ts';
import { isLoopback } from '../network/loopback.ts';
import type { AnswerKeys } from './answer-keys.ts';
import { fetchedKeys, givenKeys, keysOfSet } from './answer-keys.ts';
import { linesOf, messageOf } from './sign-request.ts';
import { verifyAnswer } from './verify-answer.ts';

/** The keys for signed answers, and what a signature must cover. */
export interface VerifySignatureOptions {
  /** The public keys, each with its `kid`. Default: those of `jwksUri`. */
  keys?: readonly JsonKey[];
  /**
   * The URL of the key set. Default: `/.well-known/gatehouse-signature-jwks.json` at the origin of the
   * request. It is only fetched over HTTPS, or from this machine.
   */
  jwksUri?: string | URL;
  /** Default: the status, the content, and the request; also the signature of a signed request. */
  components?: readonly string[];
  /** How old an answer may be. Default: 300. */
  maxAgeSeconds?: number;
}

/** The clocks of the verification. */
export interface VerifyDeps {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that never go back. */
  elapsed(): number;
}

export const usualVerifying: VerifyDeps = { now: Date.now, elapsed: () => performance.now() };

/**
 * Where a gateway publishes the keys that sign its answers.
 * @example
 * const url = new URL(ANSWER_KEYS_PATH, 'https://localhost:8443');
 */
export const ANSWER_KEYS_PATH = '/.well-known/gatehouse-signature-jwks.json';

/** Reads the whole content as sent, and returns a response with it in memory. */
export type Hold = (response: Response) => Promise<{ octets: Uint8Array; response: Response }>;

export function verifying(options: VerifySignatureOptions, hold: Hold, deps: VerifyDeps): Middleware {
  const given = options.keys && givenKeys(options.keys);
  const fetched = new Map<string, AnswerKeys>();

  function keysFor(request: HttpRequest, next: Next): AnswerKeys {
    if (given) return given;
    const url = new URL(options.jwksUri ?? ANSWER_KEYS_PATH, request.url.origin);
    const known = fetched.get(url.href);
    if (known) return known;
    const keys = fetchedKeys(() => loadKeys(url, request, next), deps.elapsed);
    fetched.set(url.href, keys);
    return keys;
  }

  return atStage('verifying', async (request, next) => {
    const response = await next(request);
    const { octets, response: held } = await hold(response);
    try {
      const answer = { status: response.status, fields: linesOf(response.headers), content: octets };
      await verifyAnswer(messageOf(request), answer, {
        ...options,
        keys: keysFor(request, next),
        now: Math.floor(deps.now() / 1000),
      });
      return held;
    } catch (error) {
      await discard(held);
      throw error instanceof MessageSignatureError ? refused(error, request, deps) : error;
    }
  });
}

async function loadKeys(url: URL, request: HttpRequest, next: Next): Promise<readonly JsonKey[]> {
  if (url.protocol !== 'https:' && !isLoopback(url.hostname)) {
    throw unavailable('The key set can only be fetched over HTTPS: give the keys.');
  }
  const headers = new Headers({ accept: 'application/json' });
  const signal = new AbortController().signal; // others wait for it too
  const get = {
    method: 'GET',
    url,
    first: url,
    headers,
    content: null,
    replayable: true,
    signal,
    onProgress: undefined,
  };
  const response = await next({ ...request, ...get });
  if (!response.ok) {
    await discard(response);
    throw unavailable(`${url.origin} publishes no keys for signed answers (${response.status}).`);
  }
  return keysOfSet(await response.text());
}

function unavailable(detail: string): MessageSignatureError {
  return new MessageSignatureError('signature_key_unknown', detail);
}

function refused(
  error: MessageSignatureError,
  request: HttpRequest,
  { elapsed }: VerifyDeps,
): SignatureError {
  const message = `the answer of ${request.url.origin} is not accepted: ${error.message}`;
  return new SignatureError(message, failureOf(request, elapsed, 'response'), {
    reason: error.code,
    cause: error,
  });
}
