// The text that the signature of an offered key covers: a label with its version, and three texts of the
// answer, each on a separate line. The key contains line ends, but it comes before the expiry, which contains
// none. So two offers never have the same text.
import type { Bytes, MaybePromise } from '../crypto/primitives.ts';

/** The signed texts of the answer. */
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

/** The second in which an offer expires, such as `2026-12-01T09:30:00Z` (RFC 3339 §5.6). */
export function formatExpiry(endsAt: number): string {
  return `${new Date(endsAt).toISOString().slice(0, 19)}Z`;
}
