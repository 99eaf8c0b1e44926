// What the signature of an offered key covers: a label with its version, and the three texts of the answer,
// each on a line of its own. The key itself has line ends, but is last but one, and the expiry has none, so
// that no two offers have the same text.
import type { Bytes, MaybePromise } from '../crypto/primitives.ts';

/** The texts of the answer that are signed. */
export interface SignedOffer {
  /** `client_id` */
  clientId: string;
  /** `pub`, with its line ends. */
  pub: string;
  /** `expires` */
  expires: string;
}

/** Signs the keys that an endpoint offers, with the key of a certificate. */
export interface OfferSigner {
  /** `sha256/` and the base64 of the SHA-256 of the certificate's public key (SPKI). */
  readonly fingerprint: string;
  /** The certificate and its issuers without the root, PEM. */
  readonly chain: string;
  /** ECDSA with P-256 and SHA-256, as the DER of RFC 3279 §2.2.3. */
  sign(message: Uint8Array): MaybePromise<Uint8Array>;
}

const LABEL = 'gatehouse-channel-key-v1';

/**
 * The bytes that are signed.
 * @example
 * const signature = await signer.sign(offerMessage({ clientId, pub, expires }));
 */
export function offerMessage({ clientId, pub, expires }: SignedOffer): Bytes {
  return new TextEncoder().encode(`${LABEL}\n${clientId}\n${pub}\n${expires}`);
}

/** The second in which an offer ends, such as `2026-12-01T09:30:00Z` (RFC 3339 §5.6). */
export function formatExpiry(endsAt: number): string {
  return `${new Date(endsAt).toISOString().slice(0, 19)}Z`;
}
