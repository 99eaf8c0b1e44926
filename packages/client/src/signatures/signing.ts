// The step that signs requests (RFC 9421), for Node and for browsers. It signs each try and each redirect
// again, because a server accepts a signature once. It does not sign requests to other origins.
import type { MessageSigner, SignatureAlgorithm } from '@gatehouse/protocol';
import { bindToOrigin } from '../auth/binding.ts';
import type { Binding } from '../auth/header-credentials.ts';
import { atStage, type HttpRequest, type Middleware } from '../http/middleware.ts';
import { discard, fieldOf } from '../http/response.ts';
import { requestedNonce } from './requested-nonce.ts';
import { signRequest } from './sign-request.ts';

/** How requests are signed, whatever the form of the key. */
export interface SigningOptions extends Binding {
  /** Names the key for the server: the id that `gatehouse key add` prints. */
  keyId: string;
  /** Default: that of the key, which has only one. */
  algorithm?: SignatureAlgorithm;
  /**
   * The covered components (RFC 9421 §2). Default: those that a gateway requires, and Content-Type:
   * `@method`, `@authority`, `@path`, `@query` and `content-digest`.
   */
  components?: readonly string[];
}

/** The clock and the generator of nonces. */
export interface SignDeps {
  /** Milliseconds since the epoch. */
  now(): number;
  nonce(): string;
}

export const usualSigning: SignDeps = { now: Date.now, nonce: () => crypto.randomUUID() };

export function signing(
  signer: Promise<MessageSigner>,
  { keyId, components, origin }: SigningOptions,
  deps: SignDeps,
): Middleware {
  const belongs = bindToOrigin(origin);
  signer.catch(() => {}); // the first request reports it
  return atStage('signing', async (request, next) => {
    if (!belongs(request)) return next(request);
    const { content, type } = await octetsOf(request);
    const given = new Headers(request.headers);
    if (type !== null && !given.has('content-type')) given.set('content-type', type);
    const send = async (nonce: string) => {
      const created = Math.floor(deps.now() / 1000);
      const how = { key: await signer, keyId, components, created, nonce };
      const headers = await signRequest({ ...request, headers: given, content }, how);
      return next({ ...request, headers, content: request.content === null ? null : content });
    };
    const answer = await send(deps.nonce());
    const wanted = answer.status === 401 ? requestedNonce(fieldOf(answer, 'accept-signature')) : undefined;
    if (wanted === undefined) return answer;
    await discard(answer);
    return send(wanted);
  });
}

/** A browser's form has no type until it is serialized. */
async function octetsOf({
  content,
}: HttpRequest): Promise<{ content: Uint8Array<ArrayBuffer>; type: string | null }> {
  if (content === null) return { content: new Uint8Array(), type: null };
  if (content instanceof Uint8Array) return { content: new Uint8Array(content), type: null };
  if (typeof content === 'string') return { content: new TextEncoder().encode(content), type: null };
  const written = new Response(content() as unknown as BodyInit);
  return { content: new Uint8Array(await written.arrayBuffer()), type: written.headers.get('content-type') };
}
