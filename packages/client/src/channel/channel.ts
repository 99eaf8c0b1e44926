// A channel to an encrypted endpoint: an X25519 exchange with a key whose owner was verified (RFC 7748 §6.1),
// then messages as Fernet tokens. A proxy that ends TLS sees only these tokens.
import {
  createFernet,
  exportX25519PublicKey,
  type Fernet,
  FernetError,
  generateX25519KeyPair,
  X25519Error,
} from '@gatehouse/protocol';
import { ClientError } from '../errors.ts';
import { type ChannelOffer, fetchOffer, offeredKey } from './offer.ts';
import { askChannel, type ChannelTarget, requireOk } from './transport.ts';
import { type ChannelTrust, type VerifiedOffer, verifyOffer } from './verify-offer.ts';

/** What a channel trusts. */
export interface ChannelOptions extends ChannelTrust {
  /**
   * Accepts a key that is not verified, for example because the endpoint does not sign it. Then anyone
   * between the two ends could read the messages.
   */
  unverified?: boolean;
  /** Milliseconds since the epoch; `Date.now` by default. */
  clock?: () => number;
}

/** An open channel. */
export interface Channel {
  readonly clientId: string;
  /** Undefined if nothing was verified. */
  readonly verified: VerifiedOffer | undefined;
  /** Sends a message, and resolves when the other end has decrypted it. Rejects with `ClientError`. */
  send(message: string | Uint8Array): Promise<ChannelReply>;
}

/** The answer of the other end to a message. */
export interface ChannelReply {
  /**
   * 200, or the status of the application behind a gateway. It is not encrypted, so others may have changed
   * it.
   */
  status: number;
  /** The decrypted answer; undefined if the application answered nothing. */
  content: Uint8Array | undefined;
}

/**
 * Opens a channel to the endpoint at `url`.
 * @throws ClientError `pin` or `channel_trust` if the key of the endpoint is not trusted, `http` if it
 *   refuses
 * @example
 * const channel = await openChannel({ transport: client, url }, { roots });
 * const reply = await channel.send('for your eyes only');
 */
export async function openChannel(target: ChannelTarget, options: ChannelOptions = {}): Promise<Channel> {
  const { clock = Date.now, unverified = false, ...trust } = options;
  const offer = await fetchOffer(target);
  const expected = { url: target.url, trust, now: new Date(clock()) };
  const verified = unverified ? undefined : await verifyOffer(offer, expected);
  const fernet = await agree(target, offer, clock);
  const { clientId } = offer;
  const passed = createPassedTokens(clock);
  return {
    clientId,
    verified,
    async send(message) {
      const cipherText = await fernet.encrypt(message);
      passed.add(cipherText);
      const answer = await askChannel(target, { cipher_text: cipherText, client_id: clientId });
      const { status } = answer;
      const { cipher_text: reply } = answer.value;
      if (typeof reply === 'string') {
        if (!passed.add(reply)) throw strange(target);
        return { status, content: await open(fernet, reply, target) };
      }
      requireOk(answer, target.url);
      return { status, content: undefined };
    },
  };
}

async function agree(target: ChannelTarget, offer: ChannelOffer, clock: () => number): Promise<Fernet> {
  const pair = await generateX25519KeyPair();
  const secret = await pair.sharedSecret(offeredKey(offer, target.url)).catch((cause) => {
    if (!(cause instanceof X25519Error)) throw cause;
    throw new ClientError('protocol', `${target.url} offers a key that gives no secret`, { cause });
  });
  const content = { pub_key: exportX25519PublicKey(pair.publicKey), uid: 1, client_id: offer.clientId };
  requireOk(await askChannel(target, content), target.url);
  return createFernet(secret, { clock });
}

/** An answer expires like a message. */
async function open(fernet: Fernet, token: string, target: ChannelTarget): Promise<Uint8Array> {
  try {
    return await fernet.decrypt(token, { ttlSeconds: ANSWER_SECONDS, maxClockSkewSeconds: ANSWER_SECONDS });
  } catch (cause) {
    if (!(cause instanceof FernetError)) throw cause;
    throw strange(target, cause);
  }
}

const ANSWER_SECONDS = 60;

function strange({ url }: ChannelTarget, cause?: unknown): ClientError {
  const what = 'a token that cannot be decrypted, is too old, or came before';
  return new ClientError('protocol', `${url} answered with ${what}`, { cause });
}

/** The time in which a token can be accepted, with the largest allowed difference of two clocks. */
const PASSED_MS = 180_000;
/** The MAC. */
const MARK_CHARACTERS = 44;

/**
 * Both directions use the same key, so an attacker could answer with an earlier message or an earlier answer.
 */
function createPassedTokens(clock: () => number): { add(token: string): boolean } {
  const passed = new Map<string, number>();
  return {
    /** False if it was added before. */
    add(token) {
      const now = clock();
      for (const [mark, at] of passed) {
        if (now - at < PASSED_MS) break;
        passed.delete(mark);
      }
      const mark = token.slice(-MARK_CHARACTERS);
      if (passed.has(mark)) return false;
      passed.set(mark, now);
      return true;
    },
  };
}
