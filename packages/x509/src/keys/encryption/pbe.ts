// Password-based encryption: PBES2 (RFC 8018 §6.2) in both directions, and pbeWithSHAAnd3-KeyTripleDES-CBC
// (RFC 7292 §C) to read old files. Refuses other ciphers, and a wrong passphrase.
import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../../algorithm.ts';
import { type DerReader, readDer } from '../../der/read.ts';
import {
  type DerNode,
  integer,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
} from '../../der/write.ts';
import { X509Error } from '../../errors.ts';
import { CIPHER, KEY_DERIVATION, PASSWORD_BASED, PRF } from '../../oids.ts';
import { deriveForPkcs12, PURPOSE } from '../pkcs12/pkcs12-kdf.ts';
import { deriveKey, type PassphraseWork } from './kdf.ts';
import { wrongPassphrase } from './passphrase.ts';

/** Encrypted octets, and the AlgorithmIdentifier of their encryption. */
export interface Encrypted {
  readonly algorithm: DerNode;
  readonly ciphertext: Buffer;
}

/** A cipher, by its name in Node, with key and IV. */
export interface CipherKey {
  readonly name: string;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

/**
 * Decrypts octets with a passphrase. Correct padding does not prove that the passphrase is right.
 * @throws X509Error `passphrase_wrong`, `passphrase_missing`, `key_unsupported`; DerError
 */
export function decryptPbe(
  algorithm: AlgorithmIdentifier,
  ciphertext: Uint8Array,
  work: PassphraseWork,
): Buffer {
  const parameters = algorithm.parameters ?? new Uint8Array();
  switch (algorithm.oid) {
    case PASSWORD_BASED.pbes2:
      return decipher(deriveForPbes2(parameters, work), ciphertext);
    case PASSWORD_BASED.sha1TripleDes:
      return decipher(deriveForTripleDes(parameters, work), ciphertext);
    default:
      throw unsupported(algorithm.oid);
  }
}

/** Encrypts with AES-256-CBC. PBKDF2 with HMAC-SHA256 derives the key; salt and IV are random. */
export function encryptPbes2(plaintext: Uint8Array, passphrase: string, rounds: number): Encrypted {
  const [salt, iv] = [randomBytes(SALT_OCTETS), randomBytes(AES_BLOCK_OCTETS)];
  const key = pbkdf2Sync(passphrase, salt, rounds, AES_256_KEY_OCTETS, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const prf = sequence(objectIdentifier(PRF.sha256), nullValue());
  const parameters = sequence(octetString(salt), integer(rounds), prf);
  return {
    algorithm: sequence(
      objectIdentifier(PASSWORD_BASED.pbes2),
      sequence(
        sequence(objectIdentifier(KEY_DERIVATION.pbkdf2), parameters),
        sequence(objectIdentifier(CIPHER['aes-256-cbc']), octetString(iv)),
      ),
    ),
    ciphertext: Buffer.concat([cipher.update(plaintext), cipher.final()]),
  };
}

/**
 * Decrypts with a CBC cipher, and removes the padding.
 * @throws X509Error `passphrase_wrong`
 */
export function decipher({ name, key, iv }: CipherKey, ciphertext: Uint8Array): Buffer {
  const cipher = createDecipheriv(name, key, iv);
  try {
    return Buffer.concat([cipher.update(ciphertext), cipher.final()]);
  } catch (cause) {
    throw wrongPassphrase(cause);
  }
}

const SALT_OCTETS = 16;
const AES_BLOCK_OCTETS = 16;
const AES_256_KEY_OCTETS = 32;
const MAX_ROUNDS = 0x7fffffff;

const CIPHERS = new Map<string, { name: string; keyLength: number; ivLength: number }>([
  [CIPHER['aes-128-cbc'], { name: 'aes-128-cbc', keyLength: 16, ivLength: 16 }],
  [CIPHER['aes-192-cbc'], { name: 'aes-192-cbc', keyLength: 24, ivLength: 16 }],
  [CIPHER['aes-256-cbc'], { name: 'aes-256-cbc', keyLength: 32, ivLength: 16 }],
  [CIPHER['des-ede3-cbc'], { name: 'des-ede3-cbc', keyLength: 24, ivLength: 8 }],
]);

/** RFC 7292 §C. */
const OF_PKCS12 = '1.2.840.113549.1.12.1.';

/** The names of schemes in old files, for the error message. */
const WEAK = new Map([
  ['1.2.840.113549.1.5.3', 'MD5 and DES'],
  ['1.2.840.113549.1.5.10', 'SHA-1 and DES'],
  ['1.2.840.113549.1.12.1.1', 'SHA-1 and 128-bit RC4'],
  ['1.2.840.113549.1.12.1.2', 'SHA-1 and 40-bit RC4'],
  ['1.2.840.113549.1.12.1.4', 'SHA-1 and two-key triple DES'],
  ['1.2.840.113549.1.12.1.5', 'SHA-1 and 128-bit RC2'],
  ['1.2.840.113549.1.12.1.6', 'SHA-1 and 40-bit RC2'],
]);

/**
 * The message contains the openssl commands that convert the file to a supported cipher. The new file is
 * encrypted too.
 */
function unsupported(oid: string): X509Error {
  const command = oid.startsWith(OF_PKCS12)
    ? 'openssl pkcs12 -legacy -in FILE -out FILE.pem && openssl pkcs12 -export -in FILE.pem -out NEW.p12'
    : 'openssl pkey -provider legacy -provider default -in FILE -aes256 -out NEW.pem';
  const scheme = WEAK.get(oid) ?? oid;
  return new X509Error(
    'key_unsupported',
    `encryption with ${scheme} is not supported; convert the file: ${command}`,
  );
}

function deriveForPbes2(parameters: Uint8Array, work: PassphraseWork): CipherKey {
  const { keyDerivation, cipher } = readDer(parameters, readPbes2);
  return { name: cipher.name, iv: cipher.iv, key: deriveKey(keyDerivation, cipher.keyLength, work) };
}

function deriveForTripleDes(parameters: Uint8Array, work: PassphraseWork): CipherKey {
  const derivation = { ...readDer(parameters, readPkcs12Parameters), digest: 'sha1' };
  return {
    name: 'des-ede3-cbc',
    key: deriveForPkcs12({ ...derivation, purpose: PURPOSE.key, length: 24 }, work),
    iv: deriveForPkcs12({ ...derivation, purpose: PURPOSE.iv, length: 8 }, work),
  };
}

function readPbes2(reader: DerReader) {
  return reader.sequence((fields) => ({
    keyDerivation: readAlgorithmIdentifier(fields),
    cipher: readCipher(fields),
  }));
}

function readCipher(fields: DerReader) {
  const { oid, parameters } = readAlgorithmIdentifier(fields);
  const cipher = CIPHERS.get(oid);
  if (cipher === undefined) {
    throw new X509Error(
      'key_unsupported',
      `cipher ${oid} is not supported; AES and triple DES in CBC mode are`,
    );
  }
  const iv = readDer(parameters ?? new Uint8Array(), (reader) => reader.octetString());
  if (iv.length !== cipher.ivLength)
    throw new X509Error('key_invalid', 'the IV is not as long as a block of its cipher');
  return { ...cipher, iv };
}

function readPkcs12Parameters(reader: DerReader) {
  return reader.sequence((fields) => ({
    salt: fields.octetString(),
    rounds: fields.smallInteger(MAX_ROUNDS),
  }));
}
