// The types of public keys (RFC 5480, RFC 8017 §A.1, RFC 8410, RFC 9881), from SPKI in DER. Refuses curves
// given by parameters (RFC 5480 §2.1.1), RSA keys that protect nothing, and other types.
import { createPublicKey, KeyObject } from 'node:crypto';
import { type AlgorithmIdentifier, readAlgorithmIdentifier } from '../algorithm.ts';
import { readDer } from '../der/read.ts';
import { encodeDer, objectIdentifier } from '../der/write.ts';
import { X509Error } from '../errors.ts';
import { CURVE, KEY_ALGORITHM } from '../oids.ts';
import { encodeSpki } from './spki.ts';

/** A public key, and the name of its type. */
export interface NamedPublicKey {
  /** As `publicKeyType` returns it. */
  readonly type: string;
  readonly key: KeyObject;
}

/**
 * The type of a key: `P-256`, `P-384`, `P-521`, `Ed25519`, `RSA-` or `RSA-PSS-` and the bits of the modulus,
 * `ML-DSA-44`, `ML-DSA-65` or `ML-DSA-87`.
 * @param key a public or private key, or SPKI in DER
 * @throws X509Error `key_unsupported` for any other type, `key_invalid` for octets that are not a key
 * @example
 * publicKeyType(readCertificate(pem).spki); // 'P-256'
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
  // With exponent 1, every octet string is its own signature. OpenSSL verifies with at most this many bits.
  if (publicExponent < 3n || publicExponent % 2n === 0n || modulusLength > RSA_MAX_BITS) {
    const found = `the RSA key has the exponent ${String(publicExponent).slice(0, 20)} and ${modulusLength} bits`;
    const needed = `the exponent must be odd and at least 3, and at most ${RSA_MAX_BITS} bits are supported`;
    throw new X509Error('key_invalid', `${found}; ${needed}`);
  }
  return { type: `${kind}-${modulusLength}`, key };
}

/**
 * The type of the keys of an algorithm, as `publicKeyType` returns it, but RSA without its bits.
 * @throws X509Error `key_unsupported`
 */
export function keyKind({ oid, parameters }: AlgorithmIdentifier): string {
  const kind = KIND_OF_OID.get(oid);
  if (kind === undefined)
    throw new X509Error('key_unsupported', `keys with the algorithm ${oid} are not supported`);
  if (oid !== KEY_ALGORITHM.EC) return kind;
  const curve = CURVE_OF_DER.get(Buffer.from(parameters ?? []).toString('hex'));
  if (curve === undefined) {
    throw new X509Error(
      'key_unsupported',
      'the elliptic curve of the key is not P-256, P-384 or P-521, or it is given by its parameters and not by its name',
    );
  }
  return curve;
}

/** Whether a key is an RSA key with any padding. Reading the details of other keys would take too long. */
export function isRsa({ asymmetricKeyType: type }: KeyObject): boolean {
  return type === 'rsa' || type === 'rsa-pss';
}

const RSA_MAX_BITS = 16_384;
/** The first octets of points in a form that RFC 5480 §2.2 forbids and OpenSSL reads. */
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
          throw new X509Error('key_invalid', 'the point is in the hybrid form, which RFC 5480 §2.2 forbids');
        }
        return algorithm;
      }),
    );
  } catch (cause) {
    throw new X509Error('key_invalid', 'the octets are not a public key (RFC 5280 §4.1.2.7)', { cause });
  }
}

function createKey(spki: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  } catch (cause) {
    throw new X509Error('key_invalid', 'the octets are not a public key of the type that they name', {
      cause,
    });
  }
}
