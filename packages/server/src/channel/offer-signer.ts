// Signs what encrypted endpoints offer, with the key that our authority has certified.
import { sign } from 'node:crypto';
import type { OfferSigner } from '@gatehouse/protocol';
import type { SigningIdentity } from '../ca/index.ts';

/** The same signer for the same identity, so that what is written from it is written once. */
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
