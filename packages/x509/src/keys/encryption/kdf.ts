// Key derivation for PBES2: PBKDF2 (RFC 8018 §5.2, §A.2) and scrypt (RFC 7914 §7). Refuses other functions,
// and too much work.
import { pbkdf2Sync, scryptSync } from 'node:crypto';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../../algorithm.ts';
import { type DerReader, readDer } from '../../der/read.ts';
import { TAG } from '../../der/tags.ts';
import { X509Error } from '../../errors.ts';
import { KEY_DERIVATION, PRF } from '../../oids.ts';
import type { KdfBudget } from './kdf-budget.ts';

/** A passphrase, and the limit for the work of deriving keys from it. */
export interface PassphraseWork {
  readonly passphrase: () => string;
  readonly budget: KdfBudget;
  /** PKCS#12 can encode "no passphrase" in a second way: without any octets. */
  readonly isAbsent?: boolean;
}

/**
 * Derives the key for an AlgorithmIdentifier of PBES2 or PBMAC1.
 * @throws X509Error `key_unsupported`, `passphrase_missing`; DerError
 */
export function deriveKey(algorithm: AlgorithmIdentifier, keyLength: number, work: PassphraseWork): Buffer {
  const parameters = algorithm.parameters ?? new Uint8Array();
  if (algorithm.oid === KEY_DERIVATION.pbkdf2)
    return pbkdf2(readDer(parameters, readPbkdf2), keyLength, work);
  if (algorithm.oid === KEY_DERIVATION.scrypt)
    return scrypt(readDer(parameters, readScrypt), keyLength, work);
  throw new X509Error(
    'key_unsupported',
    `key derivation ${algorithm.oid} is not supported; PBKDF2 and scrypt are`,
  );
}

const MAX_INTEGER = 0x7fffffff;
const MAX_KEY_OCTETS = 64;
const SCRYPT_MAX_BYTES = 256 * 1024 * 1024;
/** One step of scrypt takes less time than two rounds of PBKDF2. */
const ROUNDS_PER_SCRYPT_STEP = 2;
const DIGEST_OF_PRF = new Map<string, string>(Object.entries(PRF).map(([digest, oid]) => [oid, digest]));

interface Pbkdf2Parameters {
  readonly salt: Uint8Array;
  readonly rounds: number;
  readonly keyLength: number | undefined;
  readonly digest: string;
}

interface ScryptParameters {
  readonly salt: Uint8Array;
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly keyLength: number | undefined;
}

function pbkdf2(
  { salt, rounds, digest, ...asked }: Pbkdf2Parameters,
  keyLength: number,
  work: PassphraseWork,
): Buffer {
  requireLength(asked.keyLength, keyLength);
  work.budget.spend(rounds);
  return pbkdf2Sync(work.passphrase(), salt, rounds, keyLength, digest);
}

function scrypt(parameters: ScryptParameters, keyLength: number, work: PassphraseWork): Buffer {
  const { salt, cost, blockSize, parallelization } = parameters;
  requireLength(parameters.keyLength, keyLength);
  const isPowerOfTwo = cost > 1 && Number.isInteger(Math.log2(cost));
  if (!isPowerOfTwo || 128 * blockSize * (cost + parallelization + 2) > SCRYPT_MAX_BYTES) {
    throw new X509Error(
      'key_unsupported',
      `scrypt has the cost ${cost}, which is not a power of two, or needs more than ${SCRYPT_MAX_BYTES} bytes of memory`,
    );
  }
  work.budget.spend(cost * blockSize * parallelization * ROUNDS_PER_SCRYPT_STEP);
  const options = { cost, blockSize, parallelization, maxmem: SCRYPT_MAX_BYTES };
  return scryptSync(work.passphrase(), salt, keyLength, options);
}

function requireLength(asked: number | undefined, needed: number): void {
  if (asked !== undefined && asked !== needed) {
    throw new X509Error(
      'key_unsupported',
      `the file derives a key of ${asked} octets, but its cipher needs ${needed}`,
    );
  }
}

function readPbkdf2(reader: DerReader): Pbkdf2Parameters {
  return reader.sequence((fields) => ({
    salt: fields.octetString(),
    rounds: fields.smallInteger(MAX_INTEGER),
    keyLength: optionalInteger(fields, MAX_KEY_OCTETS),
    digest: fields.atEnd ? 'sha1' : readPrf(fields),
  }));
}

function readScrypt(reader: DerReader): ScryptParameters {
  return reader.sequence((fields) => ({
    salt: fields.octetString(),
    cost: fields.smallInteger(MAX_INTEGER),
    blockSize: fields.smallInteger(MAX_INTEGER),
    parallelization: fields.smallInteger(MAX_INTEGER),
    keyLength: optionalInteger(fields, MAX_KEY_OCTETS),
  }));
}

function optionalInteger(fields: DerReader, max: number): number | undefined {
  return fields.nextTag === TAG.integer ? fields.smallInteger(max) : undefined;
}

function readPrf(fields: DerReader): string {
  const { oid } = readAlgorithmIdentifier(fields);
  const digest = DIGEST_OF_PRF.get(oid);
  if (digest === undefined)
    throw new X509Error('key_unsupported', `PBKDF2 with ${oid} is not supported; HMAC with SHA is`);
  return digest;
}
