// SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): key identifiers (RFC 7093 §2) and fingerprints for pinning (RFC 7469 §2.4).
// Refuses private keys, so that none is published by mistake.
import { hash, KeyObject } from 'node:crypto';
import { readAlgorithm } from './algorithm.ts';
import { type DerReader, readDer } from './der/read.ts';

/** One SHA-256 in the forms that tools ask for. */
export interface SpkiFingerprint {
  /** 64 lower-case digits. */
  readonly hex: string;
  /** `sha256/` and base64, the form of pin lists. */
  readonly pin: string;
  /** `sha256//` and base64, the form of `curl --pinnedpubkey`. */
  readonly curlPin: string;
}

/**
 * The SHA-256 fingerprint of the public key of a certificate (anything with `spki`), or of a key.
 * @throws TypeError for a private or secret key
 */
export function spkiFingerprint(
  certificateOrKey: { readonly spki: Uint8Array } | KeyObject,
): SpkiFingerprint {
  const spki = certificateOrKey instanceof KeyObject ? encodeSpki(certificateOrKey) : certificateOrKey.spki;
  const digest = hash('sha256', spki, 'buffer');
  const base64 = digest.toString('base64');
  return { hex: digest.toString('hex'), pin: `sha256/${base64}`, curlPin: `sha256//${base64}` };
}

/**
 * The DER of a public key. Exporting costs more than a signature: keep the result where many certificates share a key.
 * @throws TypeError for a private or secret key
 */
export function encodeSpki(publicKey: KeyObject): Uint8Array {
  if (publicKey.type !== 'public') throw new TypeError(`a public key is needed, not a ${publicKey.type} one`);
  return publicKey.export({ type: 'spki', format: 'der' });
}

/**
 * The key identifier of an SPKI: the leftmost 160 bits of the SHA-256 of its key bits (RFC 7093 §2, method 1).
 * @throws DerError when the octets are not an SPKI
 */
export function keyIdentifier(spki: Uint8Array): Uint8Array {
  return hash('sha256', readDer(spki, readKeyBits), 'buffer').subarray(0, 20);
}

/** Reads an SPKI and hands over its key bits. */
export function readKeyBits(reader: DerReader): Uint8Array {
  return reader.sequence((spki) => {
    readAlgorithm(spki);
    return spki.bitStringOctets();
  });
}
