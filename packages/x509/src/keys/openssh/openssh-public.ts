// Public keys as OpenSSH writes them to `.pub` files: RSA (RFC 4253 §6.6), ECDSA (RFC 5656 §3.1), Ed25519
// (RFC 8709 §4). Refuses DSA, keys on security tokens, and SSH certificates.
import {
  bitString,
  type Der,
  encodeDer,
  integer,
  nullValue,
  objectIdentifier,
  sequence,
} from '../../der/write.ts';
import { X509Error } from '../../errors.ts';
import { CURVE, KEY_ALGORITHM } from '../../oids.ts';
import { readSsh, type SshReader } from './ssh-wire.ts';

/**
 * The SPKI of each line of a `.pub` file. Skips blank lines and comments, as sshd does. If any other line is
 * present, the text is not such a file, and the list is empty.
 * @throws X509Error `key_invalid`, `key_unsupported`
 */
export function spkisOfSshFile(text: string): Buffer[] {
  const lines = text
    .replace(BYTE_ORDER_MARK, '')
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => LINE.exec(line));
  return lines.every((line) => line !== null) ? lines.map(spkiOfSshLine) : [];
}

function spkiOfSshLine([, type = '', base64 = '']: RegExpExecArray): Buffer {
  const blob = Buffer.from(base64, 'base64');
  if (blob.length === 0 || blob.toString('base64') !== base64) {
    throw new X509Error('key_invalid', 'the OpenSSH key is damaged: it is not base64 (RFC 4648 §4)');
  }
  return spkiOfSshKey(blob, type);
}

/**
 * The SPKI of a public key in the SSH protocol's form.
 * @param expected the type in the line
 * @throws X509Error `key_invalid`, `key_unsupported`
 */
export function spkiOfSshKey(blob: Uint8Array, expected?: string): Buffer {
  return readSsh(blob, (reader) => {
    const type = reader.name();
    if (expected !== undefined && type !== expected) {
      throw new X509Error(
        'key_invalid',
        'the OpenSSH key is damaged: it has another type than the line says',
      );
    }
    return spkiOf(type, reader);
  });
}

/** The SPKI of the fields after the type of a public key. */
function spkiOf(type: string, reader: SshReader): Buffer {
  if (type === 'ssh-rsa') return spkiOfRsa(reader);
  if (type === 'ssh-ed25519') return spki([objectIdentifier(KEY_ALGORITHM.Ed25519)], reader.string());
  const curve = curveOf(type);
  if (curve === undefined) throw unsupportedSshKey(type);
  requireCurveName(type, reader);
  return spki([objectIdentifier(KEY_ALGORITHM.EC), objectIdentifier(CURVE[curve])], reader.string());
}

/** The curve of an ECDSA type. `undefined` for other types. */
export function curveOf(type: string): keyof typeof CURVE | undefined {
  return SSH_CURVES.get(/^ecdsa-sha2-(nistp\d+)$/.exec(type)?.[1] ?? '');
}

/** Reads the name of the curve, which a key repeats after its type (RFC 5656 §3.1). */
export function requireCurveName(type: string, reader: SshReader): void {
  if (`ecdsa-sha2-${reader.name()}` === type) return;
  throw new X509Error('key_invalid', 'the OpenSSH key is damaged: its curve is not that of its type');
}

/** The error for a type of key that is not supported here. */
export function unsupportedSshKey(type: string): X509Error {
  const name = /^[a-z0-9@.-]{1,64}$/.test(type) ? type : 'unknown';
  const reason = name.startsWith('sk-') ? ' (its private part is on a security token)' : '';
  const supported = 'RSA, ECDSA and Ed25519 are';
  return new X509Error(
    'key_unsupported',
    `OpenSSH keys of type ${name}${reason} are not supported; ${supported}`,
  );
}

/** The curves by their names in RFC 5656 §6.1. */
const SSH_CURVES: ReadonlyMap<string, keyof typeof CURVE> = new Map([
  ['nistp256', 'P-256'],
  ['nistp384', 'P-384'],
  ['nistp521', 'P-521'],
]);

/** Type, base64 and a comment. */
const LINE = /^((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]{1,64})[ \t]+(\S+)(?:[ \t].*)?$/;
/** As text, or as octets that were decoded as Latin-1. */
const BYTE_ORDER_MARK = /^(?:\uFEFF|\u00EF\u00BB\u00BF)/;

function spkiOfRsa(reader: SshReader): Buffer {
  const [exponent, modulus] = [reader.mpint(), reader.mpint()];
  const key = encodeDer(sequence(integer(modulus), integer(exponent)));
  return spki([objectIdentifier(KEY_ALGORITHM.RSA), nullValue()], key);
}

function spki(algorithm: readonly Der[], key: Uint8Array): Buffer {
  return encodeDer(sequence(sequence(...algorithm), bitString(key)));
}
