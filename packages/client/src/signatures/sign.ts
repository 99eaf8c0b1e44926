// Signs requests (RFC 9421): the way in `signature` of a gateway. Each try and each hop of a redirect is
// signed anew, because a signature counts once. Requests to other origins are not signed.
import { randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { SignatureAlgorithm } from '@gatehouse/protocol';
import { readDictionary, StructuredFieldError } from '@gatehouse/protocol';
import { bindToOrigin } from '../auth/binding.ts';
import type { Binding } from '../auth/header-credentials.ts';
import { atStage, type HttpRequest, type Middleware } from '../http/middleware.ts';
import { discard, fieldOf } from '../http/response.ts';
import type { SigningKey } from './keys.ts';
import { signerOf } from './keys.ts';
import { signRequest } from './sign-request.ts';

/** How requests are signed. */
export interface SignOptions extends Binding {
  key: SigningKey;
  /** Names the key for the server: the id that `gatehouse key add` prints. */
  keyId: string;
  /** Default: that of the key, which never has two. */
  algorithm?: SignatureAlgorithm;
  /**
   * What is covered (RFC 9421 §2). Default: what a gateway requires, and Content-Type: `@method`,
   * `@authority`, `@path`, `@query` and `content-digest`.
   */
  components?: readonly string[];
}

/** The clock and the generator of nonces. */
export interface SignDeps {
  /** Milliseconds since the epoch. */
  now(): number;
  nonce(): string;
}

const usual: SignDeps = { now: Date.now, nonce: randomUUID };

/**
 * Signs each request with a key of its own, and with the digest of its content, which is held in memory for
 * that. If the server asks for a nonce of its own, signs and sends the request once more.
 * @example
 * const calling = client().with(sign({ key: await readFile('robot.key', 'utf8'), keyId }));
 */
export function sign(options: SignOptions, deps: SignDeps = usual): Middleware {
  const { key, keyId, algorithm, components, origin } = options;
  const belongs = bindToOrigin(origin);
  const signer = signerOf(key, algorithm);
  signer.catch(() => {}); // the first request reports it
  return atStage('signing', async (request, next) => {
    if (!belongs(request)) return next(request);
    const content = await octetsOf(request);
    const send = async (nonce: string) => {
      const created = Math.floor(deps.now() / 1000);
      const how = { key: await signer, keyId, components, created, nonce };
      const headers = await signRequest({ ...request, content }, how);
      return next({ ...request, headers, content: request.content === null ? null : content });
    };
    const answer = await send(deps.nonce());
    const wanted = answer.status === 401 ? requestedNonce(fieldOf(answer, 'accept-signature')) : undefined;
    if (wanted === undefined) return answer;
    await discard(answer);
    return send(wanted);
  });
}

/**
 * The nonce that a server asks for in Accept-Signature (RFC 9421 §5.1), because it cannot know whether one of
 * the client is new. Undefined if it asks for none.
 * @example
 * const nonce = requestedNonce(response.headers.get('accept-signature')) ?? randomUUID();
 */
export function requestedNonce(acceptSignature: string | null): string | undefined {
  if (acceptSignature === null) return undefined;
  try {
    for (const { params } of readDictionary(acceptSignature).values()) {
      const nonce = params.get('nonce');
      if (nonce?.type === 'string') return nonce.value;
    }
  } catch (error) {
    if (!(error instanceof StructuredFieldError)) throw error;
  }
  return undefined;
}

async function octetsOf({ content }: HttpRequest): Promise<Uint8Array> {
  if (content === null) return new Uint8Array();
  if (typeof content === 'string') return Buffer.from(content);
  return typeof content === 'function' ? buffer(content()) : content;
}
