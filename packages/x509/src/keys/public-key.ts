// Public keys by kind (RFC 5480, RFC 8017 §A.1, RFC 8410, RFC 9881), from SPKI in DER.
// Refuses curves spelled out by their parameters (RFC 5480 §2.1.1), RSA keys that protect nothing, and other kinds.
import { createPublicKey, KeyObject } from 'node:crypto';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../algorithm.ts';
import { readDer } from '../der/read.ts';
import { encodeDer, objectIdentifier } from '../der/write.ts';
import { X509Error } from '../errors.ts';
import { CURVE, KEY_ALGORITHM } from '../oids.ts';
import { encodeSpki } from './spki.ts';

/** A public key that OpenSSL has read, and the name of its kind. */
export interface NamedPublicKey {
  /** As `publicKeyType` gives it. */
  readonly type: string;
  readonly key: KeyObject;
}

/**
 * The kind of a key: `P-256`, `P-384`, `P-521`, `Ed25519`, `RSA-` or `RSA-PSS-` with the bits of the modulus, `ML-DSA-44`,
 * `ML-DSA-65` or `ML-DSA-87`.
 * @param key a public or private key, or SPKI in DER
 * @throws X509Error `key_unsupported` for any other kind, `key_invalid` for octets that are no key
 */
export function publicKeyType(key: KeyObject | Uint8Array): string {
  if (!(key instanceof KeyObject)) return importSpki(key).type;
  return importSpki(encodeSpki(key.type === 'private' ? createPublicKey(key) : key)).type;
}

/**
 * Reads SPKI in DER.
 * @throws X509Error `key_unsupported` or `key_invalid`
 */
export function importSpki(spki: Uint8Array): NamedPublicKey {
  const kind = keyKind(parseSpki(spki));
  const key = createKey(spki);
  if (!isRsa(key)) return { type: kind, key };
  const { modulusLength = 0, publicExponent = 0n } = key.asymmetricKeyDetails ?? {};
  // With an exponent of 1 every octet string is its own signature; the upper limit is OpenSSL's for verifying.
  if (publicExponent < 3n || publicExponent % 2n === 0n || modulusLength > RSA_MAX_BITS) {
    throw new X509Error('key_invalid', 'an RSA key whose exponent or modulus cannot be used');
  }
  return { type: `${kind}-${modulusLength}`, key };
}

/**
 * The kind that an algorithm stands for: as `publicKeyType` gives it, RSA without its bits.
 * @throws X509Error `key_unsupported`
 */
export function keyKind({ oid, parameters }: AlgorithmIdentifier): string {
  const kind = KIND_OF_OID.get(oid);
  if (kind === undefined) throw new X509Error('key_unsupported', `no key of algorithm ${oid} is supported`);
  if (oid !== KEY_ALGORITHM.EC) return kind;
  const curve = CURVE_OF_DER.get(Buffer.from(parameters ?? []).toString('hex'));
  if (curve === undefined) {
    throw new X509Error(
      'key_unsupported',
      'a key on another elliptic curve than P-256, P-384 and P-521, or with the curve spelled out in place of its name',
    );
  }
  return curve;
}

/** Whether a key has a modulus, padded in whichever way. The details of other keys cost a good part of reading them. */
export function isRsa({ asymmetricKeyType: type }: KeyObject): boolean {
  return type === 'rsa' || type === 'rsa-pss';
}

const RSA_MAX_BITS = 16_384;
/** First octets of points in the form that RFC 5480 §2.2 forbids, and that OpenSSL takes. */
const HYBRID_POINT: readonly number[] = [0x06, 0x07];
const KIND_OF_OID = new Map<string, string>(Object.entries(KEY_ALGORITHM).map(([kind, oid]) => [oid, kind]));
const CURVE_OF_DER = new Map<string, string>(
  Object.entries(CURVE).map(([name, oid]) => [encodeDer(objectIdentifier(oid)).toString('hex'), name]),
);

function parseSpki(spki: Uint8Array): AlgorithmIdentifier {
  try {
    return readDer(spki, (reader) =>
      reader.sequence((fields) => {
        const algorithm = readAlgorithmIdentifier(fields);
        const [form = 0] = fields.bitStringOctets();
        if (algorithm.oid === KEY_ALGORITHM.EC && HYBRID_POINT.includes(form)) {
          throw new X509Error('key_invalid', 'a point in the hybrid form (RFC 5480 §2.2)');
        }
        return algorithm;
      }),
    );
  } catch (cause) {
    throw new X509Error('key_invalid', 'not a public key (RFC 5280 §4.1.2.7)', { cause });
  }
}

function createKey(spki: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch (cause) {
    throw new X509Error('key_invalid', 'not a public key of the kind that it claims', { cause });
  }
}
