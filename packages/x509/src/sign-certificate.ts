// Signing certificates (RFC 5280 §4.1.1) with random serial numbers. PEM and hex are made only for whoever reads them.
// Judges nothing: callers have checked what they hand over.
import { type Casting, castCertificate, type Mould } from './certificate-mould.ts';
import { encodePem } from './pem.ts';
import { encodeSignedOctets } from './signed.ts';
import { encodeSignatureAlgorithm, type Signer } from './signer.ts';

/** A key to sign certificates with, and where its serial numbers come from. */
export interface SigningKey {
  readonly signer: Signer;
  /** Octets from a cryptographic random generator. */
  readonly randomBytes: (size: number) => Uint8Array;
  /** Called with each TBSCertificate before it is signed; what it throws keeps the certificate from being signed. */
  readonly inspect?: ((tbs: Uint8Array) => void) | undefined;
}

/** A certificate that was just signed. All but `der` is made at each reading, and no part of a spread copy. */
export interface IssuedCertificate {
  readonly der: Uint8Array;
  readonly pem: string;
  /** Lower-case hex, 40 digits. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A function that casts and signs certificates with one key. */
export function createCertificateSigner({
  signer,
  randomBytes,
  inspect,
}: SigningKey): (mould: Mould, casting: Omit<Casting, 'serialNumber'>) => IssuedCertificate {
  const signatureAlgorithm = encodeSignatureAlgorithm(signer.algorithm);
  const nextSerialNumber = createSerialNumbers(randomBytes);
  return (mould, { subject, spki, notBefore, notAfter, subjectAltName }) => {
    const casting = { serialNumber: nextSerialNumber(), subject, spki, notBefore, notAfter, subjectAltName };
    const tbs = castCertificate(mould, casting);
    inspect?.(tbs);
    const der = encodeSignedOctets({ tbs, signatureAlgorithm, signature: signer.sign(tbs) });
    return new SignedCertificate(der, casting);
  };
}

const SERIAL_OCTETS = 20;
const SERIALS_PER_DRAW = 64;

/** Everything but the octets is made when it is read. */
class SignedCertificate implements IssuedCertificate {
  readonly der: Uint8Array;
  readonly #serialNumber: Uint8Array;
  readonly #notBeforeMs: number;
  readonly #notAfterMs: number;

  constructor(der: Uint8Array, { serialNumber, notBefore, notAfter }: Casting) {
    this.der = der;
    this.#serialNumber = serialNumber;
    this.#notBeforeMs = notBefore.getTime();
    this.#notAfterMs = notAfter.getTime();
  }

  get pem(): string {
    return encodePem('CERTIFICATE', this.der);
  }

  get serialNumber(): string {
    return this.#serialNumber.toHex();
  }

  get notBefore(): Date {
    return wholeSeconds(this.#notBeforeMs);
  }

  get notAfter(): Date {
    return wholeSeconds(this.#notAfterMs);
  }
}

/**
 * Serial numbers of 158 random bits in exactly 20 octets: positive, and of constant length (RFC 5280 §4.1.2.2).
 * They are drawn many at a time, since asking the system for randomness costs a good part of a signature.
 */
function createSerialNumbers(randomBytes: SigningKey['randomBytes']): () => Uint8Array {
  let pool = new Uint8Array();
  let drawn = 0;
  return () => {
    if (drawn === pool.length) {
      pool = Uint8Array.from(randomBytes(SERIAL_OCTETS * SERIALS_PER_DRAW));
      drawn = 0;
    }
    const serialNumber = pool.subarray(drawn, drawn + SERIAL_OCTETS);
    if (serialNumber.length < SERIAL_OCTETS) throw new TypeError('randomBytes gave too few octets');
    drawn += SERIAL_OCTETS;
    serialNumber[0] = ((serialNumber[0] ?? 0) & 0x3f) | 0x40;
    return serialNumber;
  };
}

function wholeSeconds(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}
