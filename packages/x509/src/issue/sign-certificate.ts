// Signing certificates (RFC 5280 §4.1.1) with random serial numbers. PEM and hex are made only for whoever reads them.
// Judges nothing: callers have checked what they hand over.

import { encodeSignatureAlgorithm, type Signer } from '../keys/signer.ts';
import { encodePem } from '../read/pem.ts';
import { encodeSignedOctets } from '../signed.ts';
import { type Casting, castCertificate, type Mould } from './certificate-mould.ts';

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
    const serialNumber = nextSerialNumber(notBefore);
    const casting = { serialNumber, subject, spki, notBefore, notAfter, subjectAltName };
    const tbs = castCertificate(mould, casting);
    inspect?.(tbs);
    const der = encodeSignedOctets({ tbs, signatureAlgorithm, signature: signer.sign(tbs) });
    return new SignedCertificate(der, casting);
  };
}

const TIME_OCTETS = 6;
const RANDOM_OCTETS = 14;
const DRAWN_AT_ONCE = 64;
/** The first octet is between 40 and 7f, and 46 bits are left for the time: enough for two thousand years. */
const FIRST_BITS = 2 ** 46;

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
 * Serial numbers of exactly 20 octets, always positive (RFC 5280 §4.1.2.2): notBefore to the millisecond, then 112 random bits. An
 * inventory in their order grows near its end, where random keys would touch a page each.
 * Randomness is drawn for many at a time, since asking the system for it costs a good part of a signature.
 */
function createSerialNumbers(randomBytes: SigningKey['randomBytes']): (notBefore: Date) => Uint8Array {
  let pool = new Uint8Array();
  let drawn = 0;
  return (notBefore) => {
    if (drawn === pool.length) {
      pool = Uint8Array.from(randomBytes(RANDOM_OCTETS * DRAWN_AT_ONCE));
      drawn = 0;
    }
    const random = pool.subarray(drawn, drawn + RANDOM_OCTETS);
    if (random.length < RANDOM_OCTETS) throw new TypeError('randomBytes gave too few octets');
    drawn += RANDOM_OCTETS;
    const serialNumber = Buffer.allocUnsafe(TIME_OCTETS + RANDOM_OCTETS);
    serialNumber.writeUIntBE(FIRST_BITS + modulo(notBefore.getTime(), FIRST_BITS), 0, TIME_OCTETS);
    serialNumber.set(random, TIME_OCTETS);
    return serialNumber;
  };
}

function modulo(dividend: number, divisor: number): number {
  return ((dividend % divisor) + divisor) % divisor;
}

function wholeSeconds(ms: number): Date {
  return new Date(Math.floor(ms / 1000) * 1000);
}
