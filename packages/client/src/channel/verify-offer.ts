// Verifies the key that an encrypted endpoint offers: its signature (ECDSA P-256, RFC 3279 §2.2.3), its
// expiry, and the key that signed it. That key must have a pin, a certificate for the host that leads to a
// trusted root, or both.
import { type KeyObject, verify, X509Certificate } from 'node:crypto';
import { rootCertificates } from 'node:tls';
import { decodeBase64url, offerMessage, ProtocolError } from '@gatehouse/protocol';
import { ClientError } from '../errors.ts';
import { pinOf } from '../network/pins.ts';
import type { ChannelOffer, OfferProof } from './offer.ts';

/** What a channel trusts. If there are pins and no roots, only the pins count. */
export interface ChannelTrust {
  /** `sha256/BASE64` of the signing keys that are accepted. */
  pins?: readonly string[];
  /** Roots in PEM. Without pins and roots, those of Node are trusted. */
  roots?: string;
}

/** A key whose owner was verified. */
export interface VerifiedOffer {
  /** Of the key that signed. */
  fingerprint: string;
  expires: Date;
  /** How it was verified: by the pin, or by the certificates from the signing one to the root. */
  by: readonly ('pin' | 'chain')[];
  /** The names of the certificates, the signing one first. Empty if only the pin was verified. */
  chain: readonly string[];
}

/** What an offer is verified against. */
export interface OfferExpectation {
  /** Where the offer came from: the certificate must have its host name. */
  url: string | URL;
  trust: ChannelTrust;
  now: Date;
}

/**
 * Verifies an offer.
 * @throws ClientError `pin` if no pin fits, `channel_trust` for any other failed check
 * @example
 * const { fingerprint } = await verifyOffer(offer, { url, trust: { roots }, now: new Date() });
 */
export async function verifyOffer(offer: ChannelOffer, expected: OfferExpectation): Promise<VerifiedOffer> {
  const { trust, now } = expected;
  const { signed } = offer;
  if (signed === undefined)
    throw untrusted('the key is not signed: anyone between you and the endpoint may have replaced it');
  const { pins, roots } = trust;
  const key = signingKey(signed);
  const fingerprint = pinOf(key);
  if (pins && !pins.includes(fingerprint)) throw wrongPin(fingerprint, pins);
  if (fingerprint !== signed.fingerprint) {
    throw untrusted(`the fingerprint ${signed.fingerprint.slice(0, 60)} is not that of the certificate`);
  }
  requireSignature(offer, signed, key.publicKey);
  const expires = requireTime(signed, now);
  const chain = pins && roots === undefined ? [] : await requireChain(signed, expected);
  return {
    fingerprint,
    expires,
    by: [...(pins ? ['pin' as const] : []), ...(chain.length > 0 ? ['chain' as const] : [])],
    chain,
  };
}

function signingKey({ chain }: OfferProof): X509Certificate {
  try {
    return new X509Certificate(chain);
  } catch (cause) {
    throw untrusted('its certificate cannot be read', cause);
  }
}

function requireSignature({ clientId, pub }: ChannelOffer, proof: OfferProof, key: KeyObject): void {
  const message = offerMessage({ clientId, pub, expires: proof.expires });
  const isP256 = key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
  if (isP256 && verify('sha256', message, key, signatureOf(proof))) return;
  throw untrusted('the signature does not match the key: one of them was changed on the way');
}

function signatureOf({ signature }: OfferProof): Uint8Array {
  try {
    return decodeBase64url(signature);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return new Uint8Array();
  }
}

function requireTime({ expires }: OfferProof, now: Date): Date {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(expires) ? new Date(expires) : undefined;
  if (at === undefined || Number.isNaN(at.getTime())) throw untrusted('its expiry is not a time');
  if (at > now) return at;
  throw untrusted(`it expired at ${expires}: someone may have sent an old answer again, or a clock is wrong`);
}

/** Loads the rules for certificates only when they are needed. */
async function requireChain({ chain }: OfferProof, { url, trust, now }: OfferExpectation): Promise<string[]> {
  const { verifyCertificate, X509Error } = await import('@gatehouse/x509');
  const name = new URL(url).hostname.replaceAll(/[[\]]/g, '');
  const roots = trust.roots ?? rootCertificates.join('\n');
  try {
    const verified = verifyCertificate({ certificate: chain, roots, at: now, purpose: 'serverAuth', name });
    return verified.chain.map(({ subject }) => subject.text);
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    throw untrusted(`its certificate is not trusted: ${cause.message}`, cause);
  }
}

function untrusted(reason: string, cause?: unknown): ClientError {
  return new ClientError('channel_trust', `refused the offered key: ${reason}`, { cause });
}

function wrongPin(fingerprint: string, pins: readonly string[]): ClientError {
  const expected = pins.length === 0 ? 'there is no pin for this host' : `expected ${pins.join(' or ')}`;
  return new ClientError('pin', `refused the offered key: it is signed by ${fingerprint}, and ${expected}`);
}
