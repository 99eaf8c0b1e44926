// TBSCertificate and its signature (RFC 5280 §4.1): version 3, a random serial number, octets copied as few times as can be.
// Judges nothing: callers have checked what they hand over.
import {
  bitString,
  type Der,
  encodeDer,
  explicit,
  integer,
  sequence,
  time,
  unsignedInteger,
} from './der/write.ts';
import { encodePem } from './pem.ts';
import { encodeSignatureAlgorithm, type Signer } from './signer.ts';

/** A key to sign certificates with, and where its serial numbers come from. */
export interface SigningKey {
  readonly signer: Signer;
  /** Octets from a cryptographic random generator. */
  readonly randomBytes: (size: number) => Uint8Array;
}

/** The contents of a certificate, names and key already in DER. */
export interface CertificateBody {
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly spki: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Whole Extensions; one array item may hold several. */
  readonly extensions: readonly Der[];
}

/** A certificate that was just signed. */
export interface IssuedCertificate {
  readonly der: Uint8Array;
  readonly pem: string;
  /** Lower-case hex, 40 digits. */
  readonly serialNumber: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** A function that signs bodies with one key. */
export function createBodySigner({
  signer,
  randomBytes,
}: SigningKey): (body: CertificateBody) => IssuedCertificate {
  const algorithm = encodeSignatureAlgorithm(signer.algorithm);
  const nextSerialNumber = createSerialNumbers(randomBytes);
  return (body) => {
    const serialNumber = nextSerialNumber();
    const tbs = encodeDer(tbsCertificate(body, algorithm, serialNumber));
    const der = encodeDer(sequence(tbs, algorithm, bitString(signer.sign(tbs))));
    return {
      der,
      pem: encodePem('CERTIFICATE', der),
      serialNumber: serialNumber.toString('hex'),
      notBefore: wholeSeconds(body.notBefore),
      notAfter: wholeSeconds(body.notAfter),
    };
  };
}

const SERIAL_OCTETS = 20;
const SERIALS_PER_DRAW = 64;
const VERSION_3 = encodeDer(explicit(0, integer(2)));
const EXTENSIONS_NUMBER = 3;

function tbsCertificate(body: CertificateBody, algorithm: Uint8Array, serialNumber: Uint8Array): Der {
  return sequence(
    VERSION_3,
    unsignedInteger(serialNumber),
    algorithm,
    body.issuer,
    sequence(time(body.notBefore), time(body.notAfter)),
    body.subject,
    body.spki,
    explicit(EXTENSIONS_NUMBER, sequence(...body.extensions)),
  );
}

/**
 * Serial numbers of 158 random bits in exactly 20 octets: positive, and of constant length (RFC 5280 §4.1.2.2).
 * They are drawn many at a time, since asking the system for randomness costs a good part of a signature.
 */
function createSerialNumbers(randomBytes: SigningKey['randomBytes']): () => Buffer {
  let pool = Buffer.alloc(0);
  return () => {
    if (pool.length === 0) pool = Buffer.from(randomBytes(SERIAL_OCTETS * SERIALS_PER_DRAW));
    if (pool.length < SERIAL_OCTETS) throw new TypeError('randomBytes gave too few octets');
    const serialNumber = pool.subarray(0, SERIAL_OCTETS);
    pool = pool.subarray(SERIAL_OCTETS);
    serialNumber[0] = ((serialNumber[0] ?? 0) & 0x3f) | 0x40;
    return serialNumber;
  };
}

function wholeSeconds(date: Date): Date {
  return new Date(Math.floor(date.getTime() / 1000) * 1000);
}
