// Checks the signer of a gateway's keys: its key is pinned, or its certificate leads to a trusted root and
// has the name of the gateway.
import { rootCertificates } from 'node:tls';
import { pinDigits, type SignedConfiguration } from '@gatehouse/protocol';
import { ClientError } from '../errors.ts';
import { untrusted } from './errors.ts';

/** What a client trusts. If there are pins and no roots, only the pins count. */
export interface SealTrust {
  /** One or more roots, PEM. Without pins and roots, those of Node are trusted. */
  ca?: string | readonly string[];
  /** `sha256/BASE64` of the accepted signing keys. */
  pins?: readonly string[];
}

/** The signer of a gateway's keys. */
export interface SealSigner {
  /** `sha256/BASE64` of the key. */
  pin: string;
  /** The same in groups of digits, for people to compare. */
  digits: string;
  /** The epoch of the signed keys. It only grows. */
  epoch: number;
}

export interface SignerExpectation {
  trust: SealTrust;
  gateway: URL;
  /** The signer and epoch last seen of this gateway. */
  seen: SealSigner | undefined;
  now: number;
}

/** Throws `ClientError` `pin` or `seal_trust`. */
export async function requireSigner(
  { pin, epoch, chain }: SignedConfiguration,
  { trust, gateway, seen, now }: SignerExpectation,
): Promise<SealSigner> {
  const { pins, ca } = trust;
  if (pins && !pins.includes(pin)) throw wrongPin(pin, `expected ${pins.join(' or ')}`);
  if (!pins || ca !== undefined) await requireChain(chain, { ca, gateway, now });
  if (seen && seen.pin !== pin) throw wrongPin(pin, `before, it was ${seen.pin}`);
  if (seen && epoch < seen.epoch)
    throw untrusted(`they are of epoch ${epoch}, and ${seen.epoch} was seen before`);
  return { pin, digits: pinDigits(pin), epoch };
}

/** Loads the rules for certificates only when they are needed. */
async function requireChain(
  chain: readonly Uint8Array[],
  { ca, gateway, now }: { ca: SealTrust['ca']; gateway: URL; now: number },
): Promise<void> {
  const { encodePem, verifyCertificate, X509Error } = await import('@gatehouse/x509');
  const certificate = chain.map((der) => encodePem('CERTIFICATE', der)).join('');
  const roots = ca === undefined ? rootCertificates.join('\n') : [ca].flat().join('\n');
  const name = gateway.hostname.replaceAll(/[[\]]/g, '');
  try {
    verifyCertificate({ certificate, roots, at: new Date(now), purpose: 'serverAuth', name });
  } catch (cause) {
    if (!(cause instanceof X509Error)) throw cause;
    throw untrusted(`the certificate of their signer is not trusted: ${cause.message}`, cause);
  }
}

function wrongPin(pin: string, why: string): ClientError {
  return new ClientError('pin', `refused the keys of the gateway: they are signed by ${pin}, and ${why}`);
}
