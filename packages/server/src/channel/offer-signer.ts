// Signs the offers of encrypted endpoints with the key that our authority has certified.
import { sign } from 'node:crypto';
import type { OfferSigner } from '@gatehouse/protocol';
import type { SigningIdentity } from '../ca/index.ts';

/** Returns the same signer for the same identity, so that its text is computed only once. */
export function createOfferSigner(
  identity: () => SigningIdentity | undefined,
): () => OfferSigner | undefined {
  let known: { identity: SigningIdentity; signer: OfferSigner } | undefined;
  return () => {
    const current = identity();
    if (current === undefined) return undefined;
    if (known?.identity !== current) known = { identity: current, signer: signerOf(current) };
    return known.signer;
  };
}

function signerOf({ pin, chain, privateKey }: SigningIdentity): OfferSigner {
  return { fingerprint: pin, chain, sign: (message) => sign('sha256', message, privateKey) };
}
