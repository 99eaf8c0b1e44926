// Writes PKCS#12 (RFC 7292) that current versions of OpenSSL, Java, Windows and macOS read: PBES2 with
// AES-256-CBC, and a MAC with HMAC-SHA256. Refuses a key without a certificate, and an empty passphrase.
import { createHmac, createPublicKey, hash, type KeyObject, randomBytes } from 'node:crypto';
import { TAG } from '../../der/tags.ts';
import {
  type Der,
  type DerNode,
  encodeDer,
  explicit,
  implicit,
  integer,
  node,
  nullValue,
  objectIdentifier,
  octetString,
  sequence,
  setOf,
} from '../../der/write.ts';
import { X509Error } from '../../errors.ts';
import { DIGEST, PKCS7_CONTENT, PKCS12_ATTRIBUTE, PKCS12_BAG, PKCS12_CERTIFICATE } from '../../oids.ts';
import { readCertificate } from '../../read/parse-certificate.ts';
import { decodePem } from '../../read/pem.ts';
import { CERTIFICATE_LABELS, isDer } from '../../read/pem-or-der.ts';
import { createKdfBudget } from '../encryption/kdf-budget.ts';
import { encryptPbes2 } from '../encryption/pbe.ts';
import { encodeSpki } from '../spki.ts';
import { bmpString, deriveForPkcs12, PURPOSE } from './pkcs12-kdf.ts';

/** A key, its certificate and the chain above it. */
export interface Pkcs12Content {
  readonly privateKey: KeyObject;
  /**
   * PEM, also with several certificates in one text, or DER. They may be in any order. One of them must be
   * that of the key.
   */
  readonly certificates: readonly (string | Uint8Array)[];
  readonly passphrase: string;
  /** The name that other programs show, with at most 255 characters. */
  readonly friendlyName?: string;
}

/**
 * Writes a PKCS#12 file, in DER.
 * @throws X509Error `key_invalid` for a key without a certificate, `passphrase_missing` for an empty
 * passphrase, `pem_invalid`; DerError
 * @example
 * writeFileSync('server.p12', encodePkcs12({ privateKey, certificates: [chainPem], passphrase }));
 */
export function encodePkcs12({ privateKey, certificates, passphrase, friendlyName }: Pkcs12Content): Buffer {
  if (privateKey.type !== 'private') throw new TypeError('a private key is needed');
  if (passphrase === '')
    throw new X509Error(
      'passphrase_missing',
      'the passphrase is empty, which protects nothing; choose another',
    );
  const chain = certificates.flatMap(certificatesOf);
  const spki = encodeSpki(createPublicKey(privateKey));
  const leaf = chain.findIndex(
    (certificate) => Buffer.compare(readCertificate(certificate).spki, spki) === 0,
  );
  if (leaf === -1)
    throw new X509Error(
      'key_invalid',
      'none of the certificates belongs to the private key; add the one that does',
    );
  const attributes = bagAttributes(hash('sha256', chain[leaf] ?? spki, 'buffer'), friendlyName);
  const bags = chain.map((certificate, index) =>
    certificateBag(certificate, index === leaf ? [attributes] : []),
  );
  const content = encodeDer(
    sequence(
      encryptedContent(encodeDer(sequence(...bags)), passphrase),
      plainContent(encodeDer(sequence(shroudedKeyBag(privateKey, passphrase, attributes)))),
    ),
  );
  return encodeDer(sequence(integer(VERSION), plainContent(content), macData(content, passphrase)));
}

const VERSION = 3;
/**
 * For each of the two ciphers and the MAC. .NET accepts at most 300,000 rounds in one place, and a million in
 * a file.
 */
const ROUNDS = 300_000;
const SALT_OCTETS = 16;
const MAC_OCTETS = 32;

function certificatesOf(certificate: string | Uint8Array): Buffer[] {
  if (typeof certificate !== 'string' && isDer(certificate)) return [Buffer.from(certificate)];
  const text = typeof certificate === 'string' ? certificate : Buffer.from(certificate).toString('latin1');
  const blocks = decodePem(text).filter(({ label }) => CERTIFICATE_LABELS.includes(label));
  if (blocks.length === 0) throw new X509Error('pem_invalid', 'the text has no certificate');
  return blocks.map(({ bytes }) => bytes);
}

/** The name for people, and the octets that link the key and its certificate (RFC 7292 §4.2). */
function bagAttributes(localKeyId: Uint8Array, friendlyName: string | undefined): DerNode {
  const id = attribute(PKCS12_ATTRIBUTE.localKeyId, octetString(localKeyId));
  if (friendlyName === undefined) return setOf(id);
  if (friendlyName.length > 255) throw new TypeError('a friendly name has at most 255 characters');
  return setOf(id, attribute(PKCS12_ATTRIBUTE.friendlyName, node(TAG.bmpString, [bmpString(friendlyName)])));
}

function attribute(oid: string, value: Der): DerNode {
  return sequence(objectIdentifier(oid), setOf(value));
}

function certificateBag(certificate: Uint8Array, attributes: readonly Der[]): DerNode {
  const value = sequence(objectIdentifier(PKCS12_CERTIFICATE), explicit(0, octetString(certificate)));
  return sequence(objectIdentifier(PKCS12_BAG.certificate), explicit(0, value), ...attributes);
}

function shroudedKeyBag(privateKey: KeyObject, passphrase: string, attributes: Der): DerNode {
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  const { algorithm, ciphertext } = encryptPbes2(pkcs8, passphrase, ROUNDS);
  const value = sequence(algorithm, octetString(ciphertext));
  return sequence(objectIdentifier(PKCS12_BAG.shroudedKey), explicit(0, value), attributes);
}

function plainContent(content: Uint8Array): DerNode {
  return sequence(objectIdentifier(PKCS7_CONTENT.data), explicit(0, octetString(content)));
}

function encryptedContent(content: Uint8Array, passphrase: string): DerNode {
  const { algorithm, ciphertext } = encryptPbes2(content, passphrase, ROUNDS);
  const info = sequence(
    objectIdentifier(PKCS7_CONTENT.data),
    algorithm,
    implicit(0, octetString(ciphertext)),
  );
  return sequence(objectIdentifier(PKCS7_CONTENT.encryptedData), explicit(0, sequence(integer(0), info)));
}

function macData(content: Uint8Array, passphrase: string): DerNode {
  const salt = randomBytes(SALT_OCTETS);
  const derivation = { purpose: PURPOSE.mac, digest: 'sha256', salt, rounds: ROUNDS, length: MAC_OCTETS };
  const key = deriveForPkcs12(derivation, { passphrase: () => passphrase, budget: createKdfBudget() });
  const mac = createHmac('sha256', key).update(content).digest();
  const algorithm = sequence(objectIdentifier(DIGEST.sha256), nullValue());
  return sequence(sequence(algorithm, octetString(mac)), octetString(salt), integer(ROUNDS));
}
