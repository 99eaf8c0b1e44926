// The types of an encrypted endpoint.
import type { Bytes, CryptoPrimitives, RandomBytes } from '../crypto/primitives.ts';
import type { EncryptedAnswer } from './answer.ts';
import type { OfferSigner } from './offer-signature.ts';
import type { OfferSecret } from './offers.ts';
import type { EncryptedFailureReason } from './refusal.ts';
import type { EncryptedSessions, SessionLimits } from './sessions.ts';

/** A refused request, for the log of the server. */
export interface EncryptedFailure {
  reason: EncryptedFailureReason;
  /** The client's id, if the request has one in the form of a UUID. */
  clientId: string | undefined;
  /**
   * For `message_handler_failed`, the error of `onMessage`. For `failed`, the error of an option of the
   * endpoint.
   */
  error?: unknown;
}

/**
 * The application's result for a message: nothing, or an answer that only the client can read. The status is
 * not encrypted; 200 by default.
 */
export type EncryptedReply =
  | Uint8Array
  | string
  | { content: Uint8Array | string; status: number }
  | undefined;

/** Gets each decrypted message. */
export type OnMessage = (
  plaintext: Bytes,
  clientId: string,
) => EncryptedReply | void | Promise<EncryptedReply> | Promise<void>;

/** The limits of an endpoint, and the functions that it calls. */
export interface EncryptedEndpointOptions extends SessionLimits {
  /** Milliseconds since the epoch; `Date.now` by default. */
  clock?: () => number;
  /** The generator of client ids and initialisation vectors; that of the platform by default. */
  random?: RandomBytes;
  /** The time in which a client must send its key, at least; 600 by default. */
  offerSeconds?: number;
  /** The largest request body; 65,536 by default. */
  maxBodyBytes?: number;
  /** Called for every refused request. */
  onFailure?: (failure: EncryptedFailure) => void;
  /**
   * Called with each decrypted message. The client gets its answer when this returns, and 500 if it throws.
   * The returned value is encrypted for the client, as `cipher_text` of the answer.
   */
  onMessage?: OnMessage;
  /** Signs the offered keys. Without it they are not signed. */
  signer?: () => OfferSigner | undefined;
  /** For processes that share the requests of a client: the secrets that they share, the newest first. */
  secrets?: () => readonly OfferSecret[];
  /** For the same processes: their sessions. The limits of sessions are not used then. */
  sessions?: EncryptedSessions;
  primitives?: CryptoPrimitives;
}

/** What the server knows of a request beside its content. */
export interface EncryptedContext {
  /** The address of the client, or its network. Each has its own limits. */
  address?: string | undefined;
  /** The caller, if the server has authenticated one: only this caller can use the session that it begins. */
  owner?: string | undefined;
  /** For this request, instead of the endpoint's. */
  onMessage?: OnMessage | undefined;
  /** The same. */
  onFailure?: ((failure: EncryptedFailure) => void) | undefined;
}

/** A request that another server has read. */
export interface EncryptedRequest extends EncryptedContext {
  method: string;
  /** The body, of at most `maxBodyBytes`. It is read only if the method has a body. */
  body(): Uint8Array | Promise<Uint8Array>;
}

/** Answers the requests of clients. */
export interface EncryptedEndpoint {
  readonly maxBodyBytes: number;
  /** Answers one request on any path. Does not reject. */
  fetch(request: Request, context?: EncryptedContext): Promise<Response>;
  /** The same without the objects of the Fetch standard. */
  handle(request: EncryptedRequest): Promise<EncryptedAnswer>;
}
