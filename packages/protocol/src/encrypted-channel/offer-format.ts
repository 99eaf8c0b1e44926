// An offer as JSON: the id and the key, and the signature if there is a signer.
import { encodeBase64url } from '../base64url.ts';
import { exportX25519PublicKey } from '../x25519.ts';
import { formatExpiry, type OfferSigner, offerMessage } from './offer-signature.ts';
import type { Offer } from './offers.ts';

/** The JSON of an offer. The chain stays the same for days, so it is serialized once. */
export function createOfferFormat() {
  let expiry: { endsAt: number; text: string } | undefined;
  let known: { signer: OfferSigner; text: string } | undefined;

  function certificateText(signer: OfferSigner): string {
    if (known?.signer !== signer) {
      const { fingerprint, chain } = signer;
      known = { signer, text: `"fingerprint": "${fingerprint}", "chain": ${JSON.stringify(chain)}` };
    }
    return known.text;
  }

  /** The same for all offers of one secret. */
  function expiryText(endsAt: number): string {
    if (expiry?.endsAt !== endsAt) expiry = { endsAt, text: formatExpiry(endsAt) };
    return expiry.text;
  }

  return async ({ clientId, keyPair, endsAt }: Offer, signer: OfferSigner | undefined): Promise<string> => {
    const pub = exportX25519PublicKey(keyPair.publicKey);
    const offered = `"client_id": "${clientId}", "pub": ${JSON.stringify(pub)}`;
    if (!signer) return `{${offered}}`;
    const expires = expiryText(endsAt);
    const signature = encodeBase64url(await signer.sign(offerMessage({ clientId, pub, expires })));
    return `{${offered}, ${certificateText(signer)}, "expires": "${expires}", "signature": "${signature}"}`;
  };
}
