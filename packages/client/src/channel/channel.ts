// A channel to an encrypted endpoint: an X25519 exchange with a key whose owner was verified (RFC 7748 §6.1),
// and then messages as Fernet tokens. What is on the way, such as a proxy that ends TLS, sees only these.
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

/** Whom a channel trusts. */
export interface ChannelOptions extends ChannelTrust {
  /**
   * Talks also to an endpoint whose key is not verified, such as one that signs none: anyone on the way could
   * read along then.
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

/** What the other end made of a message. */
export interface ChannelReply {
  /**
   * 200, or what the application behind a gateway answered. It came in the clear, so others may have changed
   * it.
   */
  status: number;
  /** What only this end can read; undefined if the application answered nothing. */
  content: Uint8Array | undefined;
}

/**
 * Opens a channel to the endpoint at `url`.
 * @throws ClientError `pin` or `channel_trust` if the key of the endpoint is not the right one, `http` if it
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

/** An answer counts only in its time, as a message does. */
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

/** As long as a token can be accepted, with two clocks that differ by as much as they may. */
const PASSED_MS = 180_000;
/** The MAC. */
const MARK_CHARACTERS = 44;

/**
 * Both directions have the same key: someone on the way could answer with what was sent, or answered, before.
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
