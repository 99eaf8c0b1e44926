// Reads private keys in OpenSSH's own format, `openssh-key-v1` (PROTOCOL.key of OpenSSH): RSA, ECDSA and
// Ed25519, not encrypted. Refuses several keys in one file, a private part that does not match the public
// part, and encrypted keys (bcrypt); it says how to convert these.
import { createPublicKey, type KeyObject } from 'node:crypto';
import {
  bitString,
  type Der,
  encodeDer,
  explicit,
  integer,
  objectIdentifier,
  octetString,
  sequence,
} from '../../der/write.ts';
import { X509Error } from '../../errors.ts';
import { CURVE, KEY_ALGORITHM } from '../../oids.ts';
import { keyFromPkcs1, keyFromPkcs8, keyFromSec1 } from '../private-key-forms.ts';
import { encodeSpki } from '../spki.ts';
import { curveOf, requireCurveName, spkiOfSshKey, unsupportedSshKey } from './openssh-public.ts';
import { readSsh, type SshReader } from './ssh-wire.ts';

/**
 * Reads the octets of an `OPENSSH PRIVATE KEY` block.
 * @throws X509Error `key_invalid`, `key_unsupported` (also for an encrypted key)
 */
export function keyFromOpenssh(octets: Buffer): KeyObject {
  if (!octets.subarray(0, MAGIC.length).equals(MAGIC)) throw damaged('it does not begin with openssh-key-v1');
  const { publicKey, section } = readSsh(octets.subarray(MAGIC.length), readEnvelope);
  const key = readSsh(section, readSection);
  const expected = spkiOfSshKey(publicKey);
  if (expected.equals(encodeSpki(createPublicKey(key)))) return key;
  throw new X509Error('key_invalid', 'the private part of the key does not match its public part');
}

const MAGIC = Buffer.from('openssh-key-v1\0');
/** The block length of the cipher `none`. */
const BLOCK_OCTETS = 8;
const ED25519_OCTETS = 32;
/** Checks the length before it computes anything. */
const RSA_MAX_BITS = 16_384n;

function readEnvelope(reader: SshReader): { publicKey: Buffer; section: Buffer } {
  const [cipher, kdf, options] = [reader.name(), reader.name(), reader.string()];
  if (reader.uint32() !== 1)
    throw new X509Error('key_unsupported', 'the OpenSSH file has several keys or none; it must have one');
  const [publicKey, section] = [reader.string(), reader.string()];
  if (cipher !== 'none') throw encrypted(publicKey);
  if (kdf !== 'none' || options.length > 0) throw damaged('it has a key derivation, but is not encrypted');
  if (section.length % BLOCK_OCTETS !== 0) throw damaged('its last block is not complete');
  return { publicKey, section };
}

/** The two check numbers are equal if the decryption was right. The padding is 1, 2, 3 and so on. */
function readSection(reader: SshReader): KeyObject {
  const [first, second] = [reader.uint32(), reader.uint32()];
  if (first !== second) throw damaged('its check numbers differ');
  const key = readKey(reader.name(), reader);
  reader.string(); // the comment
  const padding = reader.rest();
  if (padding.length >= BLOCK_OCTETS || padding.some((octet, index) => octet !== index + 1)) {
    throw damaged('its padding is wrong');
  }
  return key;
}

function readKey(type: string, reader: SshReader): KeyObject {
  if (type === 'ssh-rsa') return readRsa(reader);
  if (type === 'ssh-ed25519') return readEd25519(reader);
  if (curveOf(type) !== undefined) return readEcdsa(type, reader);
  throw unsupportedSshKey(type);
}

/** PKCS#1 also has the exponents of the primes (RFC 8017 §A.1.2). */
function readRsa(reader: SshReader): KeyObject {
  const [n, e, d, coefficient] = [reader.mpint(), reader.mpint(), reader.mpint(), reader.mpint()];
  const [p, q] = [reader.mpint(), reader.mpint()];
  const isBounded = n >> RSA_MAX_BITS === 0n && [e, d, coefficient, p, q].every((each) => each < n);
  if (!isBounded || p < 2n || q < 2n) throw damaged('its numbers are not those of an RSA key');
  const numbers = [0n, n, e, d, p, q, d % (p - 1n), d % (q - 1n), coefficient];
  return keyFromPkcs1(encodeDer(sequence(...numbers.map(integer))));
}

function readEd25519(reader: SshReader): KeyObject {
  const [publicKey, both] = [reader.string(), reader.string()];
  const seed = both.subarray(0, ED25519_OCTETS);
  if (both.length !== 2 * ED25519_OCTETS || !both.subarray(ED25519_OCTETS).equals(publicKey)) {
    throw damaged('its two public parts differ');
  }
  const algorithm = sequence(objectIdentifier(KEY_ALGORITHM.Ed25519));
  const privateKey = octetString(encodeDer(octetString(seed)));
  return keyFromPkcs8(encodeDer(sequence(integer(0), algorithm, privateKey)));
}

function readEcdsa(type: string, reader: SshReader): KeyObject {
  const curve = curveOf(type) ?? 'P-256';
  requireCurveName(type, reader);
  const [point, number] = [reader.string(), reader.mpint()];
  const octets = SCALAR_OCTETS[curve];
  if (number >> BigInt(octets * 8) > 0n) throw damaged('its number is too large');
  const scalar = Buffer.from(number.toString(16).padStart(octets * 2, '0'), 'hex');
  const parts: Der[] = [
    integer(1),
    octetString(scalar),
    explicit(0, objectIdentifier(CURVE[curve])),
    explicit(1, bitString(point)),
  ];
  return keyFromSec1(encodeDer(sequence(...parts)));
}

/** RFC 5915 §3. */
const SCALAR_OCTETS = { 'P-256': 32, 'P-384': 48, 'P-521': 66 } as const;

/**
 * ssh-keygen changes the file itself, so the advice works on a copy. It has no PEM form for Ed25519: that
 * copy has no passphrase.
 */
function encrypted(publicKey: Buffer): X509Error {
  const type = readSsh(publicKey, (reader) => [reader.name(), reader.rest()] as const)[0];
  const advice =
    type === 'ssh-ed25519'
      ? "ssh-keygen has no PEM form for Ed25519, so remove the passphrase from a copy, and delete the copy afterwards: cp FILE FILE.copy && ssh-keygen -p -N '' -f FILE.copy"
      : 'convert a copy to PEM: cp FILE FILE.copy && ssh-keygen -p -m PEM -f FILE.copy';
  return new X509Error(
    'key_unsupported',
    `the key is encrypted in OpenSSH's own format (bcrypt), which is not supported; ${advice}`,
  );
}

function damaged(reason: string): X509Error {
  return new X509Error('key_invalid', `the OpenSSH key is damaged: ${reason}`);
}
