// Signs certificates (RFC 5280 §4.1.1) with random serial numbers. PEM and hex are created only when they are
// read. Checks nothing: callers have already checked the values.

import { encodeSignatureAlgorithm, type Signer } from '../keys/signer.ts';
import { encodePem } from '../read/pem.ts';
import { encodeSignedOctets } from '../signed.ts';
import { encodeTbsCertificate, type OwnFields, type SharedFields } from './tbs-certificate.ts';

/** A key that signs certificates, and the source of their serial numbers. */
export interface SigningKey {
  readonly signer: Signer;
  /** Octets from a cryptographic random generator. */
  readonly randomBytes: (size: number) => Uint8Array;
  /** Called with each TBSCertificate before it is signed. If it throws, the certificate is not signed. */
  readonly inspect?: ((tbs: Uint8Array) => void) | undefined;
}

/** A new certificate. Each member except `der` is created each time it is read, so a spread copy lacks it. */
export interface IssuedCertificate {
  readonly der: Uint8Array;
  readonly pem: string;
  /** Lower-case hex, 40 digits. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Creates a function that writes and signs certificates with one key. */
export function createCertificateSigner({
  signer,
  randomBytes,
  inspect,
}: SigningKey): (shared: SharedFields, own: Omit<OwnFields, 'serialNumber'>) => IssuedCertificate {
  const signatureAlgorithm = encodeSignatureAlgorithm(signer.algorithm);
  const nextSerialNumber = createSerialNumbers(randomBytes);
  return (shared, { subject, spki, notBefore, notAfter, subjectAltName }) => {
    const serialNumber = nextSerialNumber(notBefore);
    const own = { serialNumber, subject, spki, notBefore, notAfter, subjectAltName };
    const tbs = encodeTbsCertificate(shared, own);
    inspect?.(tbs);
    const der = encodeSignedOctets({ tbs, signatureAlgorithm, signature: signer.sign(tbs) });
    return new SignedCertificate(der, own);
  };
}

const TIME_OCTETS = 6;
const RANDOM_OCTETS = 14;
const DRAWN_AT_ONCE = 64;
/** The first octet is between 40 and 7f. This leaves 46 bits for the time, enough for two thousand years. */
const FIRST_BITS = 2 ** 46;

/** Creates all members except the octets when they are read. */
class SignedCertificate implements IssuedCertificate {
  readonly der: Uint8Array;
  readonly #serialNumber: Uint8Array;
  readonly #notBeforeMs: number;
  readonly #notAfterMs: number;

  constructor(der: Uint8Array, { serialNumber, notBefore, notAfter }: OwnFields) {
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
 * Serial numbers of exactly 20 octets, always positive (RFC 5280 §4.1.2.2): notBefore in milliseconds, then
 * 112 random bits. An index over them grows near its end. With random numbers, each new row would touch
 * another page. Random octets are fetched for many numbers at once, because the system call takes a large
 * part of the time of a signature.
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
