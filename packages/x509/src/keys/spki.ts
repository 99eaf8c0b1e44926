// SubjectPublicKeyInfo (RFC 5280 §4.1.2.7): key identifiers (RFC 7093 §2) and fingerprints for pinning (RFC
// 7469 §2.4). Refuses private keys, so that none of them is published by mistake.
import { hash, KeyObject } from 'node:crypto';
import { readAlgorithm } from '../algorithm.ts';
import { type DerReader, readDer } from '../der/read.ts';

/** The length of the key identifiers that are computed here. */
export const KEY_IDENTIFIER_OCTETS = 20;

/** One SHA-256 in the forms that tools use. */
export interface SpkiFingerprint {
  /** 64 lower-case hex digits. */
  readonly hex: string;
  /** `sha256/` and base64: the form of pin lists. */
  readonly pin: string;
  /** `sha256//` and base64: the form of `curl --pinnedpubkey`. */
  readonly curlPin: string;
}

/**
 * The SHA-256 fingerprint of a public key, or of the public key of a certificate.
 * @throws TypeError for a private or secret key
 * @example
 * const { pin } = spkiFingerprint(readCertificate(pem));
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
 * The SPKI of a public key, in DER. This takes longer than a signature: store the result if many certificates
 * share a key.
 * @throws TypeError for a private or secret key
 * @example
 * const spki = encodeSpki(createPublicKey(privateKey));
 */
export function encodeSpki(publicKey: KeyObject): Uint8Array {
  if (publicKey.type !== 'public') throw new TypeError(`a public key is needed, not a ${publicKey.type} one`);
  return publicKey.export({ type: 'spki', format: 'der' });
}

/**
 * The key identifier of an SPKI: the leftmost 160 bits of the SHA-256 of its key bits (RFC 7093 §2, method
 * 1).
 * @throws DerError if the octets are not an SPKI
 * @example
 * const hex = Buffer.from(keyIdentifier(certificate.spki)).toString('hex');
 */
export function keyIdentifier(spki: Uint8Array): Uint8Array {
  return Buffer.from(keyIdentifierText(spki), 'latin1');
}

/**
 * The same as `keyIdentifier`, as text with one character for each octet. Node returns a digest as text three
 * times as fast as in a Buffer.
 * @throws DerError if the octets are not an SPKI
 */
export function keyIdentifierText(spki: Uint8Array): string {
  return hash('sha256', keyBits(spki), 'latin1').slice(0, KEY_IDENTIFIER_OCTETS);
}

/**
 * The key bits of an SPKI.
 * @throws DerError if the octets are not an SPKI
 */
export function keyBits(spki: Uint8Array): Uint8Array {
  const head = HEAD_OF_LENGTH.get(spki.length);
  return head !== undefined && startsWith(spki, head)
    ? spki.subarray(head.length)
    : readDer(spki, readKeyBits);
}

/** Reads an SPKI, and returns its key bits. */
export function readKeyBits(reader: DerReader): Uint8Array {
  return reader.sequence((spki) => {
    readAlgorithm(spki);
    return spki.bitStringOctets();
  });
}

/**
 * The octets before the key in an SPKI of P-256, P-384 (both uncompressed) and Ed25519, by the length of the
 * whole. So these SPKI need no parsing, which would take a tenth of the time of a signature.
 */
const HEAD_OF_LENGTH: ReadonlyMap<number, Uint8Array> = new Map(
  [
    '3059301306072a8648ce3d020106082a8648ce3d030107034200',
    '3076301006072a8648ce3d020106052b81040022036200',
    '302a300506032b6570032100',
  ].map((hex) => {
    const head = Uint8Array.fromHex(hex);
    return [2 + (head[1] ?? 0), head];
  }),
);

function startsWith(octets: Uint8Array, head: Uint8Array): boolean {
  let index = 0;
  while (index < head.length && octets[index] === head[index]) index++;
  return index === head.length;
}
