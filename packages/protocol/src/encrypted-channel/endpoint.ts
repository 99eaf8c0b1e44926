// The key exchange endpoint: GET offers an X25519 key, POST pub_key agrees on a secret (RFC 7748 §6.1), POST
// cipher_text sends a Fernet token with this secret. Refuses everything else with fixed texts. `onFailure`
// gets the reason, without secrets.
import { primitives as platform } from '#crypto';
import type { Bytes, CryptoPrimitives, RandomBytes } from '../crypto/primitives.ts';
import { createFernet, type Fernet, FernetError } from '../fernet.ts';
import { JsonBodyError, type JsonObject, readJsonObject } from '../json-body.ts';
import { formatPythonJson, type PythonJson } from '../python-json.ts';
import { createUuid } from '../uuid.ts';
import {
  exportX25519PublicKey,
  generateX25519KeyPair,
  importX25519PublicKey,
  X25519Error,
} from '../x25519.ts';
import { createExchanges, type Exchange, type Exchanges } from './exchanges.ts';
import { type EncryptedFailureReason, Refusal } from './refusal.ts';

/** A refused request, for the log of the server. */
export interface EncryptedFailure {
  reason: EncryptedFailureReason;
  /** The client, if the request names one and it has the form of a UUID. */
  clientId: string | undefined;
  /** Only for `message_handler_failed`: what `onMessage` threw. */
  error?: unknown;
}

/** The limits of an endpoint, and the functions that it calls. */
export interface EncryptedEndpointOptions {
  /** Milliseconds since the epoch; `Date.now` by default. */
  clock?: () => number;
  /** The generator of client ids and initialisation vectors; that of the platform by default. */
  random?: RandomBytes;
  /**
   * How many clients are stored; 10,000 by default. At the limit, the oldest unfinished exchange is removed.
   */
  maxClients?: number;
  /**
   * How long an exchange may take, and how long a finished one is stored after its last use; 600 by default.
   */
  ttlSeconds?: number;
  /** The largest request body; 65,536 by default. */
  maxBodyBytes?: number;
  /** Called for every refused request. */
  onFailure?: (failure: EncryptedFailure) => void;
  /**
   * Called with each decrypted message. The client gets its answer when this returns, and 500 if it throws.
   */
  onMessage?: (plaintext: Bytes, clientId: string) => void | Promise<void>;
  primitives?: CryptoPrimitives;
}

/** Answers the requests of clients. */
export interface EncryptedEndpoint {
  /** Answers one request on any path. Does not reject for anything that a client sends. */
  fetch(request: Request): Promise<Response>;
}

/**
 * Creates a key exchange endpoint with its own clients. Bodies are JSON as Python writes it.
 * @example
 * const endpoint = createEncryptedEndpoint({ onMessage: (plaintext) => store(plaintext) });
 * const response = await endpoint.fetch(request);
 */
export function createEncryptedEndpoint(options: EncryptedEndpointOptions = {}): EncryptedEndpoint {
  const { clock = Date.now, maxClients = 10_000, ttlSeconds = 600, maxBodyBytes = 65_536 } = options;
  const { primitives = platform, random = primitives.randomBytes } = options;
  const exchanges = createExchanges({ clock, maxClients, ttlSeconds });

  return {
    async fetch(request) {
      try {
        return await dispatch(request);
      } catch (error) {
        if (error instanceof Refusal) return refuse(error);
        throw error;
      }
    },
  };

  function dispatch(request: Request): Promise<Response> {
    if (request.method === 'GET') return offerKey();
    if (request.method === 'POST') return receive(request);
    throw new Refusal('method_not_allowed');
  }

  async function offerKey(): Promise<Response> {
    const clientId = createUuid(random);
    const keyPair = await generateX25519KeyPair(primitives);
    exchanges.offer(clientId, keyPair);
    return answer(200, { client_id: clientId, pub: exportX25519PublicKey(keyPair.publicKey) });
  }

  async function receive(request: Request): Promise<Response> {
    const body = await readBody(request, maxBodyBytes);
    const { clientId, exchange } = findClient(exchanges, body);
    const [hasKey, hasMessage] = [Object.hasOwn(body, 'pub_key'), Object.hasOwn(body, 'cipher_text')];
    if (hasKey === hasMessage) throw new Refusal('nothing_expected', clientId);
    return hasKey ? agree(clientId, exchange, body.pub_key) : decrypt(clientId, exchange, body.cipher_text);
  }

  async function agree(clientId: string, exchange: Exchange, pem: unknown): Promise<Response> {
    if (exchange.state !== 'offered') throw new Refusal('key_already_exchanged', clientId);
    const secret = await deriveSecret(clientId, exchange, pem);
    const fernet = createFernet(secret, { clock, random, primitives });
    // While the secret was derived, another request may have agreed, or the client may have been removed.
    if (!exchanges.agree(clientId, fernet)) throw new Refusal('key_already_exchanged', clientId);
    return answer(200, { message: 'Shared secret successfully calculated' });
  }

  async function decrypt(clientId: string, exchange: Exchange, token: unknown): Promise<Response> {
    if (exchange.state !== 'agreed') throw new Refusal('key_not_exchanged', clientId);
    const plaintext = await openToken(clientId, exchange.fernet, token);
    exchanges.refresh(clientId);
    await handOver(plaintext, clientId);
    return answer(200, { message: 'Successfully Decrypted Data' });
  }

  async function handOver(plaintext: Bytes, clientId: string): Promise<void> {
    try {
      await options.onMessage?.(plaintext, clientId);
    } catch (cause) {
      throw new Refusal('message_handler_failed', clientId, { cause });
    }
  }

  function refuse(refusal: Refusal): Response {
    const { reason, clientId, cause: error } = refusal;
    options.onFailure?.(error === undefined ? { reason, clientId } : { reason, clientId, error });
    const { status, error: text } = refusal.answer;
    return answer(status, { error: text }, status === 405 ? { Allow: 'GET, POST' } : {});
  }
}

async function readBody(request: Request, maxBytes: number): Promise<JsonObject> {
  try {
    return await readJsonObject(request, maxBytes);
  } catch (error) {
    throw error instanceof JsonBodyError ? new Refusal(error.code) : error;
  }
}

function findClient(exchanges: Exchanges, body: JsonObject): { clientId: string; exchange: Exchange } {
  const clientId = body.client_id;
  if (typeof clientId !== 'string') throw new Refusal('client_id_missing');
  const exchange = exchanges.find(clientId);
  if (exchange === undefined) throw new Refusal('client_id_unknown', isUuid(clientId) ? clientId : undefined);
  return { clientId, exchange };
}

async function deriveSecret(
  clientId: string,
  { keyPair }: Extract<Exchange, { state: 'offered' }>,
  pem: unknown,
): Promise<Bytes> {
  if (typeof pem !== 'string') throw new Refusal('pub_key_invalid', clientId);
  try {
    return await keyPair.sharedSecret(importX25519PublicKey(pem));
  } catch (error) {
    if (!(error instanceof X25519Error)) throw error;
    throw new Refusal(
      error.code === 'x25519_low_order_point' ? 'pub_key_low_order' : 'pub_key_invalid',
      clientId,
    );
  }
}

async function openToken(clientId: string, fernet: Fernet, token: unknown): Promise<Bytes> {
  if (typeof token !== 'string') throw new Refusal('cipher_text_invalid', clientId);
  try {
    return await fernet.decrypt(token);
  } catch (error) {
    if (!(error instanceof FernetError)) throw error;
    throw new Refusal('cipher_text_invalid', clientId);
  }
}

function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}

function answer(status: number, value: PythonJson, headers: Record<string, string> = {}): Response {
  const body = formatPythonJson(value);
  return new Response(body, {
    status,
    headers: {
      'Content-Type': 'application/json; charset=UTF-8',
      'Content-Length': String(body.length),
      'Cache-Control': 'no-store',
      ...headers,
    },
  });
}
