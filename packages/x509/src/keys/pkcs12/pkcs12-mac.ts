// MacData of PKCS#12 (RFC 7292 §4): HMAC with the key derivation of PKCS#12, or PBMAC1 (RFC 9579). Refuses
// other kinds of MAC, and a wrong MAC.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../../algorithm.ts';
import { type DerReader, readDer } from '../../der/read.ts';
import { X509Error } from '../../errors.ts';
import { DIGEST, PASSWORD_BASED, PRF } from '../../oids.ts';
import { deriveKey, type PassphraseWork } from '../encryption/kdf.ts';
import { wrongPassphrase } from '../encryption/passphrase.ts';
import { deriveForPkcs12, PURPOSE } from './pkcs12-kdf.ts';

/** The MAC of a file, and its parameters. */
export interface MacData {
  readonly algorithm: AlgorithmIdentifier;
  readonly mac: Uint8Array;
  readonly salt: Uint8Array;
  readonly rounds: number;
}

/** Reads MacData. */
export function readMacData(reader: DerReader): MacData {
  return reader.sequence((fields) => {
    const [algorithm, mac] = fields.sequence(
      (info) => [readAlgorithmIdentifier(info), info.octetString()] as const,
    );
    const salt = fields.octetString();
    return { algorithm, mac, salt, rounds: fields.atEnd ? 1 : fields.smallInteger(MAX_ROUNDS) };
  });
}

/**
 * Checks the MAC over the content of a file. Returns the work that also decrypts the file: programs encode an
 * empty passphrase in two ways, and OpenSSL tries both.
 * @throws X509Error `passphrase_wrong`, `passphrase_missing`, `key_unsupported`; DerError
 */
export function checkMac(data: MacData, content: Uint8Array, work: PassphraseWork): PassphraseWork {
  if (isMacOf(content, data, work)) return work;
  const absent = { ...work, isAbsent: true };
  if (work.passphrase() === '' && isMacOf(content, data, absent)) return absent;
  throw wrongPassphrase();
}

const MAX_ROUNDS = 0x7fffffff;
const DIGEST_OF_OID = new Map<string, string>(Object.entries(DIGEST).map(([name, oid]) => [oid, name]));
const DIGEST_OF_PRF = new Map<string, string>(Object.entries(PRF).map(([name, oid]) => [oid, name]));
const DIGEST_OCTETS: Readonly<Record<string, number>> = {
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

function isMacOf(content: Uint8Array, data: MacData, work: PassphraseWork): boolean {
  const { digest, key } =
    data.algorithm.oid === PASSWORD_BASED.pbmac1 ? pbmac1(data, work) : classic(data, work);
  const expected = createHmac(digest, key).update(content).digest();
  return data.mac.length === expected.length && timingSafeEqual(expected, data.mac);
}

function classic({ algorithm, salt, rounds }: MacData, work: PassphraseWork) {
  const digest = known(DIGEST_OF_OID, algorithm.oid);
  const length = DIGEST_OCTETS[digest] ?? 0;
  return { digest, key: deriveForPkcs12({ purpose: PURPOSE.mac, digest, salt, rounds, length }, work) };
}

function pbmac1({ algorithm }: MacData, work: PassphraseWork) {
  return readDer(algorithm.parameters ?? new Uint8Array(), (reader) =>
    reader.sequence((fields) => {
      const derivation = readAlgorithmIdentifier(fields);
      const digest = known(DIGEST_OF_PRF, readAlgorithmIdentifier(fields).oid);
      return { digest, key: deriveKey(derivation, DIGEST_OCTETS[digest] ?? 0, work) };
    }),
  );
}

function known(names: ReadonlyMap<string, string>, oid: string): string {
  const name = names.get(oid);
  if (name === undefined)
    throw new X509Error('key_unsupported', `a MAC with ${oid} is not supported; HMAC with SHA is`);
  return name;
}
