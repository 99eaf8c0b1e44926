// The key exchange endpoint: GET offers an X25519 key, POST pub_key agrees on a secret (RFC 7748 §6.1), POST
// cipher_text sends a Fernet token with this secret. Refuses a second key for an offer, used tokens, and
// tokens that are too old or from the future. The client gets fixed texts. `onFailure` gets the reason,
// without secrets.
import { primitives as platform } from '#crypto';
import type { Bytes } from '../crypto/primitives.ts';
import { randomInAdvance } from '../crypto/random-in-advance.ts';
import { JsonBodyError, type JsonObject, parseJsonObject, readBody } from '../json-body.ts';
import { importX25519PublicKey, X25519Error } from '../x25519.ts';
import { type EncryptedAnswer, jsonAnswer, refusalAnswer, textAnswer } from './answer.ts';
import { createCiphers } from './ciphers.ts';
import type {
  EncryptedContext,
  EncryptedEndpoint,
  EncryptedEndpointOptions,
  EncryptedRequest,
  OnMessage,
} from './endpoint-types.ts';
import { createOfferFormat } from './offer-format.ts';
import { createOfferSecrets, createOffers, isClientId, type Offer } from './offers.ts';
import { Refusal } from './refusal.ts';
import { createSessionCipher, type SessionCipher } from './session-cipher.ts';
import { createEncryptedSessions, type TokenOutcome } from './sessions.ts';
import type { TokenMark } from './token-mark.ts';

const EXCHANGED = jsonAnswer(200, { message: 'Shared secret successfully calculated' });
const DECRYPTED = 'Successfully Decrypted Data';
const RECEIVED = jsonAnswer(200, { message: DECRYPTED });

/**
 * Creates a key exchange endpoint with its own clients. Bodies are JSON as Python writes it.
 * @example
 * const endpoint = createEncryptedEndpoint({ onMessage: (plaintext) => store(plaintext) });
 * const response = await endpoint.fetch(request, { address });
 */
export function createEncryptedEndpoint(options: EncryptedEndpointOptions = {}): EncryptedEndpoint {
  const { clock = Date.now, offerSeconds = 600, tokenSeconds = 60, maxBodyBytes = 65_536 } = options;
  const { primitives = platform, random = randomInAdvance(primitives.randomBytes) } = options;
  const { sessionSeconds = 600, maxSessions = 10_000 } = options;
  const { secrets = createOfferSecrets({ clock, random }, offerSeconds) } = options;
  const sessions = options.sessions ?? createEncryptedSessions(clock, options);
  const offers = createOffers({ clock, random, primitives, secrets });
  const ciphers = createCiphers<SessionCipher>(maxSessions);
  // If sessions are shared, another endpoint must be able to compute the secret again.
  const idleMs = options.sessions ? undefined : sessionSeconds * 1000;
  const formatOffer = createOfferFormat();

  function dispatch(request: EncryptedRequest): Promise<EncryptedAnswer> {
    if (request.method === 'GET') return offerKey();
    if (request.method === 'POST') return receive(request);
    throw new Refusal('method_not_allowed');
  }

  async function offerKey(): Promise<EncryptedAnswer> {
    const offer = await offers.make();
    return textAnswer(200, await formatOffer(offer, options.signer?.()));
  }

  async function receive(request: EncryptedRequest): Promise<EncryptedAnswer> {
    const body = await readObject(request);
    const clientId = body.client_id;
    if (typeof clientId !== 'string') throw new Refusal('client_id_missing');
    const [hasKey, hasMessage] = [Object.hasOwn(body, 'pub_key'), Object.hasOwn(body, 'cipher_text')];
    if (hasMessage && !hasKey) return decrypt(clientId, body.cipher_text, request);
    const offer = await offers.find(clientId);
    if (!offer) throw unknownClient(clientId);
    if (hasKey === hasMessage) throw new Refusal('nothing_expected', clientId);
    return agree(offer, body.pub_key, request);
  }

  async function agree(
    offer: Offer,
    pem: unknown,
    { address = '', owner = '' }: EncryptedContext,
  ): Promise<EncryptedAnswer> {
    const { clientId, keyPair, endsAt } = offer;
    const publicKey = readKey(clientId, pem);
    const secret = await keyPair.sharedSecret(publicKey).catch((error) => {
      throw keyRefusal(error, clientId);
    });
    const outcome = await sessions.agree({ clientId, publicKey, offerEndsAt: endsAt, address, owner });
    if (outcome === 'full') throw new Refusal('too_many_exchanges', clientId);
    if (outcome === 'taken') throw new Refusal('key_already_exchanged', clientId);
    if (outcome === 'agreed') remember(offer, cipherOf(secret));
    return EXCHANGED;
  }

  async function decrypt(
    clientId: string,
    token: unknown,
    { onMessage = options.onMessage, owner = '' }: EncryptedContext,
  ): Promise<EncryptedAnswer> {
    const cipher = ciphers.find(clientId, clock()) ?? (await restore(clientId));
    const opening = typeof token === 'string' ? cipher.open(token) : undefined;
    const opened = opening instanceof Promise ? await opening : opening;
    if (opened === undefined) throw new Refusal('cipher_text_invalid', clientId);
    requireFresh(clientId, opened.mark);
    const using = sessions.use({ clientId, owner, ...opened.mark });
    const outcome = using instanceof Promise ? await using : using;
    if (outcome !== 'first') throw await unusable(clientId, outcome);
    const reply = onMessage && (await handOver(onMessage, opened.plaintext, clientId));
    if (reply === undefined) return RECEIVED;
    const answer = await cipher.seal(reply.content);
    await spend(clientId, owner, answer.mark);
    return jsonAnswer(reply.status, { message: DECRYPTED, cipher_text: answer.token });
  }

  /** Both directions use the same key, so our own token must not be accepted as a message of the client. */
  async function spend(clientId: string, owner: string, mark: TokenMark): Promise<void> {
    const outcome = await sessions.use({ clientId, owner, ...mark, isAnswer: true });
    if (outcome === 'full') throw new Refusal('too_many_messages', clientId);
  }

  /** The cipher of a session that began in another server, or was not used for a long time. */
  async function restore(clientId: string): Promise<SessionCipher> {
    const offer = await offers.find(clientId);
    const publicKey = isClientId(clientId) ? await sessions.publicKeyOf(clientId) : undefined;
    if (publicKey === undefined || !offer) {
      throw offer ? new Refusal('key_not_exchanged', clientId) : unknownClient(clientId);
    }
    const cipher = cipherOf(await offer.keyPair.sharedSecret(publicKey));
    remember(offer, cipher);
    return cipher;
  }

  function requireFresh(clientId: string, { time }: TokenMark): void {
    const age = Math.floor(clock() / 1000) - time;
    if (age > tokenSeconds) throw new Refusal('cipher_text_too_old', clientId);
    if (age < -tokenSeconds) throw new Refusal('cipher_text_too_new', clientId);
  }

  async function unusable(clientId: string, outcome: Exclude<TokenOutcome, 'first'>): Promise<Refusal> {
    if (outcome !== 'unknown') return new Refusal(TOKEN_REFUSALS[outcome], clientId);
    ciphers.remove(clientId);
    const offer = await offers.find(clientId);
    return offer ? new Refusal('key_not_exchanged', clientId) : unknownClient(clientId);
  }

  function remember(offer: Offer, cipher: SessionCipher): void {
    const now = clock();
    const endsAt = idleMs === undefined ? offer.endsAt : now + idleMs;
    ciphers.put(offer.clientId, { cipher, endsAt, idleMs }, now);
  }

  function cipherOf(secret: Bytes): SessionCipher {
    return createSessionCipher(secret, { clock, random, primitives });
  }

  function refuse(
    refusal: Refusal,
    { onFailure = options.onFailure }: Pick<EncryptedContext, 'onFailure'>,
  ): EncryptedAnswer {
    const { reason, clientId, cause: error } = refusal;
    onFailure?.(error === undefined ? { reason, clientId } : { reason, clientId, error });
    return refusalAnswer(refusal);
  }

  async function handle(request: EncryptedRequest): Promise<EncryptedAnswer> {
    try {
      return await dispatch(request);
    } catch (cause) {
      const refusal = cause instanceof Refusal ? cause : new Refusal('failed', undefined, { cause });
      return refuse(refusal, request);
    }
  }

  return {
    maxBodyBytes,
    handle,
    async fetch(request, context = {}) {
      const { method } = request;
      const { status, headers, body } = await handle({
        ...context,
        method,
        body: () => readBody(request, maxBodyBytes),
      });
      return new Response(body, { status, headers });
    },
  };
}

const TOKEN_REFUSALS = {
  again: 'cipher_text_repeated',
  late: 'cipher_text_out_of_order',
  full: 'too_many_messages',
} as const;

async function readObject({ body }: EncryptedRequest): Promise<JsonObject> {
  try {
    return parseJsonObject(await body());
  } catch (error) {
    throw error instanceof JsonBodyError ? new Refusal(error.code) : error;
  }
}

function readKey(clientId: string, pem: unknown): Bytes {
  if (typeof pem !== 'string') throw new Refusal('pub_key_invalid', clientId);
  try {
    return importX25519PublicKey(pem);
  } catch (error) {
    throw keyRefusal(error, clientId);
  }
}

function keyRefusal(error: unknown, clientId: string): unknown {
  if (!(error instanceof X25519Error)) return error;
  const isLowOrder = error.code === 'x25519_low_order_point';
  return new Refusal(isLowOrder ? 'pub_key_low_order' : 'pub_key_invalid', clientId);
}

async function handOver(
  onMessage: OnMessage,
  plaintext: Bytes,
  clientId: string,
): Promise<{ content: Uint8Array | string; status: number } | undefined> {
  try {
    return replyOf(await onMessage(plaintext, clientId));
  } catch (cause) {
    throw new Refusal('message_handler_failed', clientId, { cause });
  }
}

/** A function without a result may return anything. */
function replyOf(reply: unknown): { content: Uint8Array | string; status: number } | undefined {
  if (typeof reply === 'string' || reply instanceof Uint8Array) return { content: reply, status: 200 };
  const { content, status } = Object(reply) as { content?: unknown; status?: unknown };
  const isContent = typeof content === 'string' || content instanceof Uint8Array;
  return isContent && typeof status === 'number' ? { content, status } : undefined;
}

function unknownClient(clientId: string): Refusal {
  return new Refusal('client_id_unknown', isClientId(clientId) ? clientId : undefined);
}
